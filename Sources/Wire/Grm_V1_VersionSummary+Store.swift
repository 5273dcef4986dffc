package import Store
import SwiftProtobuf

extension Grm_V1_VersionSummary {
    /// What the catalogue knows of a version; `current` is the deployment that runs, or would run.
    package init(_ version: StoredVersion, current: DeploymentRecord?) {
        let manifest = version.manifest
        self.init()
        name = manifest.name
        digest = version.digest
        architecture = manifest.architecture
        parameters = manifest.tensors.reduce(0) { sum, tensor in
            sum &+ tensor.shape.reduce(1) { $0 &* UInt64($1) }
        }
        bytes = manifest.tensors.reduce(0) { $0 &+ $1.blob.bytes }
        importedUnixSeconds = manifest.importedUnixSeconds
        if let current {
            active = [current.grmDigest, current.metaRmDigest].contains(version.digest)
        }
        source = manifest.source.file
        licence = manifest.licence
        parent = manifest.parent
    }
}

extension Grm_V1_ShowVersionReply {
    /// All that a manifest says.
    package init(_ version: StoredVersion, current: DeploymentRecord?) {
        let manifest = version.manifest
        self.init()
        summary = Grm_V1_VersionSummary(version, current: current)
        details = Self.details(manifest)
        details["packs"] = version.packs.joined(separator: " ")
        tensors = manifest.tensors.map { tensor in
            .with {
                $0.name = tensor.name
                $0.format = tensor.format
                $0.shape = tensor.shape.map(UInt64.init)
                $0.bytes = tensor.blob.bytes
                $0.digest = hexadecimal(tensor.blob.sha256)
            }
        }
    }

    private static func details(_ manifest: VersionManifest) -> [String: String] {
        let sizes = manifest.hyperparameters
        var details = [
            "layers": "\(sizes.layerCount)",
            "width": "\(sizes.width)",
            "heads": "\(sizes.headCount)",
            "kv_heads": "\(sizes.kvHeadCount)",
            "head_width": "\(sizes.headWidth)",
            "feed_forward_width": "\(sizes.feedForwardWidth)",
            "vocabulary": "\(sizes.vocabularyCount)",
            "context": "\(sizes.contextTokens)",
            "rope_base": "\(sizes.ropeBase)",
            "norm_epsilon": "\(sizes.normEpsilon)",
            "tied_embeddings": "\(sizes.tiedEmbeddings)",
            "chat_format": manifest.chatFormat.name,
            "prompt_template": manifest.promptTemplate.isEmpty ? "the one of grmd" : "its own",
            "formats": formats(manifest),
            "source_bytes": "\(manifest.source.bytes)",
            "source_sha256": hexadecimal(manifest.source.sha256),
            "source_name": manifest.source.generalName,
            "importer": manifest.importer,
            "role": manifest.role,
            "scalar_heads": scalarHeads(manifest),
        ]
        if manifest.hasMetaThreshold { details["meta_threshold"] = "\(manifest.metaThreshold)" }
        let generation = manifest.generation
        if generation.hasTemperature { details["temperature"] = "\(generation.temperature)" }
        if generation.hasTopP { details["top_p"] = "\(generation.topP)" }
        details["mode"] = generation.mode
        details["readout"] = generation.readout
        if generation.hasMaxJudgmentTokens {
            details["max_judgment_tokens"] = "\(generation.maxJudgmentTokens)"
        }
        return details.filter { !$0.value.isEmpty }
    }

    /// The scalar heads that the version has beside its decoder.
    private static func scalarHeads(_ manifest: VersionManifest) -> String {
        let heads = ["score", "probe"]
        return heads.filter { head in
            manifest.tensors.contains { $0.name == "\(head).weight" }
        }
        .joined(separator: ", ")
    }

    /// How many tensors there are in each number format.
    private static func formats(_ manifest: VersionManifest) -> String {
        Dictionary(grouping: manifest.tensors, by: \.format)
            .map { "\($0.key) (\($0.value.count))" }
            .sorted().joined(separator: ", ")
    }
}
