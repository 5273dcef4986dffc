import Foundation
import Inference
import Store
import SwiftProtobuf

/// The key of the tokenizer in a pack; no tensor has it, since their names have a full stop.
let tokenizerKey = "tokenizer"

/// Everything about a new version that is known before its tensors are read.
struct ImportPlan: Sendable {
    /// The name of the version.
    let name: String
    /// The model that the file describes.
    let model: GGUFModel
    /// The tensors in the order of the file.
    let tensors: [TensorPlan]
    /// The licence, or nothing.
    let licence: String

    /// Checks a file against what the caller wants.
    ///
    /// Throws: `badFormat`, `unsupported`, `limit`, `invalidOption`.
    init(_ file: GGUFFile, options: ImportOptions) throws(ImportError) {
        model = try GGUFModel(file)
        name = try options.versionName(of: file.fileName)
        licence = options.licence ?? model.licence
        var tensors: [TensorPlan] = []
        for tensor in file.tensors {
            tensors.append(try TensorPlan(tensor, format: options.format, of: model, in: file))
        }
        self.tensors = tensors
    }

    /// The length of all tensors in a pack.
    ///
    /// Unit: bytes.
    var packedBytes: UInt64 { tensors.reduce(0) { $0 + UInt64($1.packedBytes) } }

    /// The tokenizer as the store keeps it.
    ///
    /// Throws: `badFormat` if it does not fit into a message.
    func tokenizerBytes() throws(ImportError) -> Data {
        do {
            return try model.tokenizer.record.serializedData()
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
        var manifest = VersionManifest()
        manifest.formatVersion = DecoderWeights.formatVersion
        manifest.name = name
        manifest.architecture = model.architecture.name
        manifest.hyperparameters = model.hyperparameters
        manifest.chatFormat.name = model.chatFormat
        manifest.tensors = tensors.map { plan in
            var record = plan.record
            record.blob = blob(plan.tensor.name, of: blobs)
            return record
        }
        manifest.rounding = rounding
        manifest.tokenizer = blob(tokenizerKey, of: blobs)
        manifest.source = source
        manifest.source.generalName = model.generalName
        manifest.licence = licence
        manifest.importedUnixSeconds = Int64(Date.now.timeIntervalSince1970)
        manifest.importer = "grmd, from GGUF"
        return manifest
    }

    /// Makes sure that a version of the same name is what this import would make.
    ///
    /// Throws: `store` with `alreadyExists` if it was made from another file or in other formats.
    func check(_ stored: StoredVersion, isMadeFrom source: SourceRecord) throws(ImportError) {
        let manifest = stored.manifest
        let records = manifest.tensors.map { record in
            var record = record
            record.clearBlob()
            return record
        }
        let hasSameSource =
            manifest.source.sha256 == source.sha256 && manifest.source.bytes == source.bytes
        guard hasSameSource, records == tensors.map(\.record), manifest.licence == licence else {
            throw ImportError(
                StoreError(
                    .alreadyExists,
                    "version \(quoted(name))",
                    expected: hasSameSource
                        ? "the formats and the licence of version \(stored.digest.prefix(12))"
                        : "a name that is not taken",
                    found: hasSameSource
                        ? "others for the same file"
                        : "another file, SHA-256 \(hexadecimal(source.sha256))"
                )
            )
        }
    }

    private func blob(_ key: String, of blobs: [String: BlobRecord]) -> BlobRecord {
        guard let blob = blobs[key] else {
            preconditionFailure("the pack writer returned no record for \(key), which was appended")
        }
        return blob
    }
}

extension ImportOptions {
    /// Refuses options that no file can satisfy.
    ///
    /// Throws: `invalidOption`.
    func check() throws(ImportError) {
        if let name { try checkVersionName(name) }
        guard let expectedSHA256 else { return }
        guard expectedSHA256.utf8.count == 64, expectedSHA256.allSatisfy(\.isHexDigit) else {
            throw ImportError(
                .invalidOption,
                subject: "the expected SHA-256",
                expected: "64 hexadecimal digits",
                found: quoted(expectedSHA256)
            )
        }
    }

    /// The name that was asked for, or that of the file, less its extension, in permitted letters.
    func versionName(of fileName: String) throws(ImportError) -> String {
        if let name { return name }
        let stem = fileName.hasSuffix(".gguf") ? String(fileName.dropLast(5)) : fileName
        let name = String(stem.map { isNameLetter($0) ? $0 : "-" })
        try checkVersionName(name)
        return name
    }
}

private func checkVersionName(_ name: String) throws(ImportError) {
    let starts = name.first.map { $0.isASCII && ($0.isLetter || $0.isNumber) } ?? false
    guard starts, name.allSatisfy(isNameLetter), name.utf8.count <= ImportLimits.versionNameBytes
    else {
        throw ImportError(
            .invalidOption,
            subject: "the name of the version",
            expected: "up to \(ImportLimits.versionNameBytes) letters, digits and . _ - + :, "
                + "a letter or digit first",
            found: quoted(name)
        )
    }
}

private func isNameLetter(_ letter: Character) -> Bool {
    letter.isASCII && (letter.isLetter || letter.isNumber || "._-+:".contains(letter))
}
