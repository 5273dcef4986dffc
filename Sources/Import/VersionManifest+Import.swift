import Foundation
import Inference
import Store

extension VersionManifest {
    /// What the options say of any version.
    init(_ options: ImportOptions) {
        self.init()
        formatVersion = DecoderWeights.formatVersion
        role = (options.role ?? .grm).rawValue
        promptTemplate = options.promptTemplate ?? ""
        if let threshold = options.metaThreshold { metaThreshold = threshold }
        setDefaults(options)
        importedUnixSeconds = Int64(Date.now.timeIntervalSince1970)
    }

    /// Writes down how the version judges where a request says nothing; what the options leave open
    /// stays as it is.
    mutating func setDefaults(_ options: ImportOptions) {
        if let mode = options.mode { generation.mode = mode }
        if let readout = options.readout { generation.readout = readout }
        if let count = options.maxJudgmentTokens { generation.maxJudgmentTokens = count }
    }

    /// Puts the places of new values into the tensors that have none yet.
    mutating func fillBlobs(_ blobs: [String: BlobRecord]) {
        for index in tensors.indices where !tensors[index].hasBlob {
            tensors[index].blob = blobs.blob(tensors[index].name)
        }
    }

    /// Makes sure that a stored version of the same name is what this manifest is going to be.
    ///
    /// Throws: `store` with `alreadyExists` if it was made from another file or with other options.
    func check(_ stored: StoredVersion) throws(ImportError) {
        let other = stored.manifest
        let hasSameSource =
            other.source.sha256 == source.sha256 && other.source.bytes == source.bytes
        // Versions of earlier releases have no role: all of them judge.
        let roles = [self, other].map {
            $0.role.isEmpty ? ImportOptions.Role.grm.rawValue : $0.role
        }
        guard hasSameSource, tableWithoutPlaces == other.tableWithoutPlaces,
            licence == other.licence, roles[0] == roles[1],
            promptTemplate == other.promptTemplate, hasSameDefaults(as: other),
            parent == other.parent,
            hasMetaThreshold == other.hasMetaThreshold, metaThreshold == other.metaThreshold
        else {
            throw ImportError(
                StoreError(
                    .alreadyExists,
                    "version \(quoted(name))",
                    expected: hasSameSource
                        ? "the formats and options of version \(stored.digest.prefix(12))"
                        : "a name that is not taken",
                    found: hasSameSource
                        ? "others for the same source"
                        : "another source, SHA-256 \(hexadecimal(source.sha256))"
                )
            )
        }
    }

    private func hasSameDefaults(as other: VersionManifest) -> Bool {
        generation.mode == other.generation.mode
            && generation.readout == other.generation.readout
            && generation.hasMaxJudgmentTokens == other.generation.hasMaxJudgmentTokens
            && generation.maxJudgmentTokens == other.generation.maxJudgmentTokens
    }

    private var tableWithoutPlaces: [TensorRecord] {
        tensors.map { record in
            var record = record
            record.clearBlob()
            return record
        }
    }
}

extension [String: BlobRecord] {
    /// The place of a value that was appended.
    func blob(_ key: String) -> BlobRecord {
        guard let blob = self[key] else {
            preconditionFailure("the pack writer returned no record for \(key), which was appended")
        }
        return blob
    }
}
