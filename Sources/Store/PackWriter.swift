import Foundation
import SwiftProtobuf

/// A pack in the making: a temporary file that becomes a pack when it is sealed, and goes with the
/// value if it never is.
package struct PackWriter: ~Copyable {
    private let directory: StoreDirectory
    private let pageBytes: Int
    // Both nil once the pack is sealed.
    private var environment: Environment?
    private var temporaryPath: String?
    private var blobs: [String: BlobRecord] = [:]

    /// What temporary files are called, for the collector.
    static let temporarySuffix = ".tmp"

    /// Starts a pack for about `bytesExpected` bytes of data.
    ///
    /// Throws: `noSpace` if the file system has less room than that and one twentieth more.
    package init(in directory: StoreDirectory, bytesExpected: UInt64) throws(StoreError) {
        let room = UInt64(1 << 20)
        guard bytesExpected < 1 << 46 else {
            throw StoreError(
                .invalid,
                directory.packsPath,
                expected: "a pack of less than 64 TiB",
                found: "\(bytesExpected) bytes"
            )
        }
        let needed = bytesExpected + bytesExpected / 20 + room
        let free = try PackFile.freeBytes(at: directory.packsPath)
        guard needed <= free else {
            throw StoreError(
                .noSpace,
                directory.packsPath,
                expected: "\(needed) bytes of free space",
                found: "\(free)"
            )
        }
        // Address space only, not disk: room for the padding of many small values.
        let mapBytes = (Int(bytesExpected) + Int(bytesExpected) / 4 + (256 << 20)) & ~0xffff
        let path =
            "\(directory.packsPath)/\(UUID().uuidString.lowercased())\(Self.temporarySuffix)"
        let opened = try Environment(path, .packInWriting(mapBytes: mapBytes))
        pageBytes = try opened.pageBytes()
        self.directory = directory
        environment = opened
        temporaryPath = path
    }

    deinit {
        guard let temporaryPath else { return }
        // Nothing can be done about a failure here: the collector finds what is left.
        try? FileManager.default.removeItem(atPath: temporaryPath)
    }

    /// Adds one value in a transaction of its own, so that memory holds one value at a time.
    ///
    /// Throws: `alreadyExists` for a key that is taken; `invalid` for a key or value of a length that
    /// LMDB does not keep; `full` for much more than `bytesExpected`; `noSpace`.
    package mutating func append(key: String, bytes: RawSpan) throws(StoreError) {
        let name = Array(key.utf8)
        guard (1...RecordFormat.longestKeyBytes).contains(name.count) else {
            throw StoreError(
                .invalid,
                "key '\(key)'",
                expected: "1 to \(RecordFormat.longestKeyBytes) bytes",
                found: "\(name.count)"
            )
        }
        let valueBytes = RecordFormat.valueBytes(for: bytes.byteCount, pageBytes: pageBytes)
        guard valueBytes <= RecordFormat.longestValueBytes else {
            throw StoreError(
                .invalid,
                "value '\(key)'",
                expected:
                    "at most \(RecordFormat.longestValueBytes - RecordFormat.paddingBytes) bytes",
                found: "\(bytes.byteCount)"
            )
        }
        guard let environment else { preconditionFailure("a sealed pack takes no values") }
        let transaction = try Transaction(writing: environment)
        try transaction.add(
            name,
            bytes,
            paddingBytes: RecordFormat.paddingBytes,
            valueBytes: valueBytes
        )
        try transaction.commit()
        blobs[key] = BlobRecord.with {
            $0.key = key
            $0.bytes = UInt64(bytes.byteCount)
            $0.sha256 = Data(RecordFormat.sha256(bytes))
        }
    }

    /// Makes the pack durable and visible under the digest of its file.
    ///
    /// A pack of the same digest is replaced, which also heals one whose file was damaged.
    /// - Returns: The record of each value by its key.
    /// Throws: `noSpace` or `failed`; nothing is visible then.
    /// Cost: one flush and one read of the file.
    package consuming func seal() throws(StoreError) -> [String: BlobRecord] {
        guard let path = temporaryPath, let writing = environment, !blobs.isEmpty else {
            throw StoreError(
                .invalid,
                "a pack",
                expected: "at least one value before it is sealed",
                found: "none"
            )
        }
        try writing.sync()
        _ = try PackFile.extent(of: path)
        let digest = try PackFile.digest(of: path)
        try StoreError.onFile(path, "mode 0440") {
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o440],
                ofItemAtPath: path
            )
        }
        try PackFile.sync(path)
        try Environment.rename(path, to: directory.packPath(digest))
        temporaryPath = nil
        try Folder(directory.packsPath).sync()
        return blobs.mapValues { blob in
            var sealed = blob
            sealed.pack = digest
            return sealed
        }
    }
}
