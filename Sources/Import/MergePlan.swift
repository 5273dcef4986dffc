import Foundation
import Inference
import Store

/// A merge: a stored version, what an adapter or a probe changes of it, and what comes of the two.
///
/// A tensor that does not change keeps its place in the pack of the version merged onto.
struct MergePlan: Sendable {
    private let parent: StoredVersion
    private let updates: MergeUpdates
    private let heads: [HeadVector]
    /// The manifest, less the places of new values and the rounding.
    private let manifest: VersionManifest

    /// Checks a change against a version and what the caller wants.
    ///
    /// Throws: `badFormat`, `unsupported`, `invalidOption`, `digestMismatch`.
    init(
        _ change: ModelChange,
        onto parent: StoredVersion,
        options: ImportOptions
    ) throws(ImportError) {
        self.parent = parent
        let shape = try readShape(parent)
        let shapes = Dictionary(
            parent.manifest.tensors.map { ($0.name, $0.shape.map { Int($0) }) },
            uniquingKeysWith: { first, _ in first }
        )
        heads = try change.heads(width: shape.width)
        updates = MergeUpdates(
            byName: try change.updates(of: shapes, layerCount: shape.layerCount),
            format: options.format
        )
        let probe = HeadVector.Kind.probe.names.weight
        guard updates.byName.isEmpty || shapes[probe] == nil else {
            throw ImportError(
                .unsupported,
                subject: "version \(quoted(parent.manifest.name))",
                expected: "no probe, as it was fitted to states that the adapter changes; "
                    + "merge onto the version before it, then import a new probe",
                found: "one"
            )
        }
        manifest = try readManifest(
            change,
            tensors: readTable(parent, updates, heads),
            onto: parent,
            options: options
        )
    }

    /// Merges, and adds the version; one that is there already is returned.
    ///
    /// Throws: `store`; `badFormat` for sums that the format cannot hold.
    func run(
        _ session: borrowing ImportSession,
        in directory: StoreDirectory,
        progress: (ImportProgress) -> Void
    ) throws(ImportError) -> StoredVersion {
        let version: StoredVersion
        if let stored = try session.version(named: manifest.name) {
            try manifest.check(stored)
            version = stored
        } else {
            version = try session.add(write(to: directory, progress))
        }
        progress(self.progress(.done, bytesDone: mergedBytes))
        return version
    }

    private func write(
        to directory: StoreDirectory,
        _ progress: (ImportProgress) -> Void
    ) throws(ImportError) -> VersionManifest {
        let vectors = heads.map(\.bytes)
        let headBytes = vectors.reduce(0) { $0 + UInt64($1.count) }
        let sumBytes = manifest.tensors.reduce(0) {
            $0 + updates.packedBytes(of: $1.name, as: $1.format)
        }
        var pack = try PackedTensors(in: directory, bytesExpected: sumBytes + headBytes)
        var maps: [String: WeightMap] = [:]
        var bytesDone: UInt64 = 0
        for record in manifest.tensors where !record.hasBlob {
            guard let stored = merged.first(where: { $0.name == record.name }) else { continue }
            progress(self.progress(.packing, tensor: record.name, bytesDone: bytesDone))
            let map: WeightMap
            if let known = maps[stored.blob.pack] {
                map = known
            } else {
                map = try openPack(stored.blob.pack, in: directory)
                maps[stored.blob.pack] = map
            }
            try pack.append(stored, as: record.format, updates, from: map)
            bytesDone += stored.blob.bytes
        }
        for (head, bytes) in zip(heads, vectors) { try pack.append(bytes, key: head.name) }
        progress(self.progress(.digesting, bytesDone: bytesDone))
        var manifest = manifest
        manifest.rounding = pack.rounding
        manifest.fillBlobs(try pack.seal())
        return manifest
    }

    private func openPack(
        _ pack: String,
        in directory: StoreDirectory
    ) throws(ImportError) -> WeightMap {
        try storing { () throws(StoreError) in try WeightMap(directory, pack: pack) }
    }

    /// The stored tensors that are changed.
    private var merged: [TensorRecord] {
        parent.manifest.tensors.filter { updates.byName[$0.name] != nil }
    }

    private var mergedBytes: UInt64 { merged.reduce(0) { $0 + $1.blob.bytes } }

    private func progress(
        _ phase: ImportProgress.Phase,
        tensor: String = "",
        bytesDone: UInt64
    ) -> ImportProgress {
        ImportProgress(
            phase: phase,
            tensor: tensor,
            bytesDone: bytesDone,
            bytesTotal: mergedBytes
        )
    }
}

/// The sizes of the version merged onto, if this release can run it.
private func readShape(_ parent: StoredVersion) throws(ImportError) -> ModelShape {
    let subject = "version \(quoted(parent.manifest.name))"
    guard parent.manifest.formatVersion >= DecoderWeights.formatVersion else {
        throw ImportError(
            .unsupported,
            subject: subject,
            expected: "format \(DecoderWeights.formatVersion); import the model again",
            found: "format \(parent.manifest.formatVersion)"
        )
    }
    do {
        return try ModelShape(parent.manifest.hyperparameters)
    } catch {
        throw ImportError(
            .unsupported,
            subject: "\(subject): \(error.subject)",
            expected: error.expected,
            found: error.found
        )
    }
}

/// The tensor table: what is kept, with its place; what is merged or new, without one.
private func readTable(
    _ parent: StoredVersion,
    _ updates: MergeUpdates,
    _ heads: [HeadVector]
) throws(ImportError) -> [TensorRecord] {
    var table: [TensorRecord] = []
    let replaced = Set(heads.map(\.name))
    for stored in parent.manifest.tensors where !replaced.contains(stored.name) {
        var record = stored
        if updates.byName[stored.name] != nil {
            record.format = try updates.sumFormat(of: stored.format, tensor: stored.name)
            record.sourceType = stored.sourceType + " + LoRA"
            record.clearBlob()
        }
        table.append(record)
    }
    return table + heads.map(\.record)
}

private func readManifest(
    _ change: ModelChange,
    tensors: [TensorRecord],
    onto parent: StoredVersion,
    options: ImportOptions
) throws(ImportError) -> VersionManifest {
    let inherited = ImportOptions.Role(rawValue: parent.manifest.role)
    let role = options.role ?? inherited ?? .grm
    let names = Set(tensors.map(\.name))
    try options.check(
        role: role,
        hasScoreHead: names.contains(HeadVector.Kind.score.names.weight),
        hasProbe: names.contains(HeadVector.Kind.probe.names.weight)
    )
    guard change.config != nil || role == .grm else {
        throw ImportOptions.error(
            "a probe",
            expected: "a version of the role grm, on whose states it looks",
            found: "the role \(role.rawValue)"
        )
    }
    let known = VersionManifest(options)
    var manifest = parent.manifest
    manifest.name = try options.versionName(of: change.place.name)
    manifest.role = role.rawValue
    manifest.tensors = tensors
    manifest.parent = parent.digest
    manifest.licence = options.licence ?? parent.manifest.licence
    manifest.source = try change.digests.record(
        of: change.place.name,
        expecting: options.expectedSHA256
    )
    manifest.source.generalName = String((change.config?.parentName ?? "").prefix(200))
    manifest.promptTemplate = options.promptTemplate ?? parent.manifest.promptTemplate
    manifest.setDefaults(options)
    // A threshold belongs to the scores that it was found with.
    manifest.clearMetaThreshold()
    if known.hasMetaThreshold { manifest.metaThreshold = known.metaThreshold }
    manifest.rounding = []
    manifest.importedUnixSeconds = known.importedUnixSeconds
    manifest.importer = change.config == nil ? "grmd, from a probe" : "grmd, from LoRA"
    return manifest
}
