import Foundation
import Inference
import Store
import SwiftProtobuf

/// The key of the tokenizer in a pack; no tensor has it, since their names have a full stop.
let tokenizerKey = "tokenizer"

/// Everything about a new version of a whole model that is known before its tensors are read.
struct ImportPlan: Sendable {
    /// The tensors in the order of the files and of their data.
    let tensors: [TensorPlan]
    /// Vectors that the files do not have, such as a bias of zero.
    let vectors: [HeadVector]
    /// The tokenizer that the version gets.
    let tokenizer: TokenizerModel
    /// The manifest, less what follows from writing the pack.
    private let manifest: VersionManifest

    /// Checks a GGUF file against what the caller wants.
    ///
    /// Throws: `badFormat`, `unsupported`, `limit`, `invalidOption`.
    init(_ file: GGUFFile, options: ImportOptions) throws(ImportError) {
        let model = try GGUFModel(file)
        try options.check(role: options.role ?? .grm, hasScoreHead: false)
        var tensors: [TensorPlan] = []
        for tensor in file.tensors {
            let turns = model.architecture.turnsNeighbours(tensor)
            tensors.append(
                try TensorPlan(
                    SourceTensor(tensor),
                    format: options.format,
                    pairedHeadWidth: turns ? model.shape.headWidth : nil,
                    isChecked: false
                )
            )
        }
        self.tensors = tensors
        vectors = []
        tokenizer = model.tokenizer
        var manifest = VersionManifest(options)
        manifest.name = try options.versionName(of: file.fileName)
        manifest.licence = options.licence ?? model.licence
        manifest.architecture = model.architecture.name
        manifest.hyperparameters = model.hyperparameters
        manifest.chatFormat.name = model.chatFormat
        manifest.source.generalName = model.generalName
        manifest.importer = "grmd, from GGUF"
        self.manifest = manifest
    }

    /// Checks a folder with a model against what the caller wants.
    ///
    /// Throws: `unsupported`, `limit`, `invalidOption`.
    init(_ checkpoint: Checkpoint, options: ImportOptions) throws(ImportError) {
        let hasHead = checkpoint.config.isClassifier
        try options.check(role: options.role ?? .grm, hasScoreHead: hasHead)
        var tensors: [TensorPlan] = []
        for tensor in checkpoint.tensors {
            tensors.append(
                try TensorPlan(
                    tensor,
                    format: options.format,
                    pairedHeadWidth: nil,
                    isChecked: true
                )
            )
        }
        self.tensors = tensors
        let bias = HeadVector.Kind.score.names.bias
        let lacksBias = hasHead && !tensors.contains { $0.tensor.name == bias }
        vectors = lacksBias ? [HeadVector(name: bias, values: [0], sourceType: "none")] : []
        tokenizer = checkpoint.tokenizer
        var manifest = VersionManifest(options)
        manifest.name = try options.versionName(of: checkpoint.name)
        manifest.licence = options.licence ?? ""
        manifest.architecture = checkpoint.config.architecture.name
        manifest.hyperparameters = checkpoint.hyperparameters
        manifest.chatFormat.name = "chatml"
        manifest.importer = "grmd, from safetensors"
        self.manifest = manifest
    }

    /// The name of the version.
    var name: String { manifest.name }

    /// About the length of all values in a pack.
    ///
    /// Unit: bytes.
    func packedBytes() throws(ImportError) -> UInt64 {
        let tokenizer = try tokenizerBytes().count
        return tensors.reduce(UInt64(tokenizer)) { $0 + UInt64($1.packedBytes) }
    }

    /// The tokenizer as the store keeps it.
    ///
    /// Throws: `badFormat` if it does not fit into a message.
    func tokenizerBytes() throws(ImportError) -> Data {
        do {
            return try tokenizer.record.serializedData()
        } catch {
            throw ImportError(
                .badFormat,
                subject: "the tokenizer",
                expected: "one that fits into a message",
                found: "\(error)"
            )
        }
    }

    /// The manifest of the version, once its values lie in a pack.
    func manifest(
        source: SourceRecord,
        blobs: [String: BlobRecord],
        rounding: [RoundingRecord]
    ) -> VersionManifest {
        var manifest = manifest(source: source)
        manifest.fillBlobs(blobs)
        manifest.tokenizer = blobs.blob(tokenizerKey)
        manifest.rounding = rounding
        return manifest
    }

    /// Makes sure that a version of the same name is what this import would make.
    ///
    /// Throws: `store` with `alreadyExists` if it was made from another file or with other options.
    func check(_ stored: StoredVersion, isMadeFrom source: SourceRecord) throws(ImportError) {
        try manifest(source: source).check(stored)
    }

    private func manifest(source: SourceRecord) -> VersionManifest {
        var manifest = manifest
        let generalName = manifest.source.generalName
        manifest.source = source
        manifest.source.generalName = generalName
        manifest.tensors = tensors.map(\.record) + vectors.map(\.record)
        return manifest
    }
}
