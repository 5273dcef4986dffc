import Crypto
import Foundation
import Store

/// The digests of the files of a folder that a version is made from.
struct SourceDigests: Hashable, Sendable {
    private struct File: Hashable {
        let name: String
        let sha256: Data
        let bytes: UInt64
    }

    private var files: [File] = []

    /// Adds a file that was read whole.
    mutating func add(_ file: WholeFile) {
        add(file.name, sha256: file.sha256, bytes: UInt64(file.bytes.count))
    }

    /// Adds a file by its digest.
    mutating func add(_ name: String, sha256: Data, bytes: UInt64) {
        files.append(File(name: name, sha256: sha256, bytes: bytes))
    }

    /// The length of all files together.
    ///
    /// Unit: bytes.
    var bytes: UInt64 { files.reduce(0) { $0 + $1.bytes } }

    /// The record of a folder.
    ///
    /// Its digest is the SHA-256 of the files' own digests, 32 bytes each, in the order of the files'
    /// names as bytes.
    /// Throws: `digestMismatch` if a digest is expected and the folder has another.
    func record(
        of folder: String,
        expecting expected: String?
    ) throws(ImportError) -> SourceRecord {
        var hash = SHA256()
        for file in files.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            hash.update(data: file.sha256)
        }
        var record = SourceRecord()
        record.file = folder
        record.bytes = bytes
        record.sha256 = Data(hash.finalize())
        try record.check(expecting: expected)
        return record
    }
}

extension SourceRecord {
    /// Makes sure that this is what the caller wants to import.
    ///
    /// Throws: `digestMismatch` if a digest is expected and this is another.
    func check(expecting expected: String?) throws(ImportError) {
        let found = hexadecimal(sha256)
        guard expected == nil || expected?.lowercased() == found else {
            throw ImportError(
                .digestMismatch,
                subject: file,
                expected: "SHA-256 \(expected ?? "")",
                found: found
            )
        }
    }
}
