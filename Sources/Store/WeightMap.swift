/// One sealed pack, mapped for reading; any number of threads may read it at once.
///
/// The file stays readable through the map after it is unlinked or replaced by name.
package final class WeightMap: Sendable {
    /// The digest that names the pack.
    package let pack: String
    private let environment: Environment
    private let pageBytes: Int

    /// Maps a pack, having checked that its file is as long as its header says.
    ///
    /// Throws: `notFound`, `permission`, or `corrupt` for a file that is cut short.
    /// Cost: a few reads; the bytes are read when they are used. `verifyPack` reads them all.
    package init(_ directory: StoreDirectory, pack digest: String) throws(StoreError) {
        guard RecordFormat.isDigest(digest) else {
            throw StoreError(
                .invalid,
                "pack '\(digest)'",
                expected: "64 lower-case hex digits",
                found: "\(digest.utf8.count) characters"
            )
        }
        let path = directory.packPath(digest)
        let extent = try PackFile.extent(of: path)
        environment = try Environment(path, .sealedPack(bytes: extent.bytes))
        pageBytes = Int(extent.pageBytes)
        pack = digest
    }

    /// Lends the bytes of a value; the data begins at a multiple of 64 in memory.
    ///
    /// Throws: as `pointer(of:)`, and what `body` throws.
    package func withBytes<Result>(
        of blob: BlobRecord,
        _ body: (RawSpan) throws -> Result
    ) throws -> Result {
        // Safety: this object, and with it the map, lives until the call ends.
        try withExtendedLifetime(self) {
            let buffer = unsafe try pointer(of: blob)
            return try body(unsafe buffer.bytes)
        }
    }

    /// Where the bytes of a value lie in memory, at a multiple of 64.
    ///
    /// Safety: valid as long as this object; the bytes never change while the file is left alone.
    /// Throws: `notFound` if the pack has no such value; `corrupt` if its length is not the record's;
    /// `invalid` if the record is of another pack.
    @unsafe package func pointer(
        of blob: BlobRecord
    ) throws(StoreError) -> UnsafeRawBufferPointer {
        guard blob.pack == pack else {
            throw StoreError(
                .invalid,
                "value '\(blob.key)'",
                expected: "a value of pack \(pack)",
                found: "one of pack '\(blob.pack)'"
            )
        }
        let subject = "value '\(blob.key)' of pack \(pack)"
        let transaction = try Transaction(reading: environment)
        // Safety: nobody writes a sealed pack, so the address outlives the transaction.
        guard let value = unsafe try transaction.borrowedValue(Array(blob.key.utf8)) else {
            throw StoreError(.notFound, subject, expected: "a value", found: "nothing")
        }
        let bytes = blob.bytes
        guard bytes < UInt64(RecordFormat.longestValueBytes),
            value.count
                == RecordFormat.valueBytes(for: Int(bytes), pageBytes: pageBytes)
        else {
            throw StoreError(
                .corrupt,
                subject,
                expected: "\(bytes) bytes and their padding",
                found: "\(value.count) bytes"
            )
        }
        // Safety: the guard above shows that the padding and the data lie inside the value.
        let start = RecordFormat.paddingBytes
        let data = unsafe UnsafeRawBufferPointer(rebasing: value[start..<start + Int(bytes)])
        let address = UInt(bitPattern: data.baseAddress)
        guard address % UInt(RecordFormat.alignmentBytes) == 0 else {
            throw StoreError(
                .corrupt,
                subject,
                expected: "data at a multiple of 64",
                found: "\(address % UInt(RecordFormat.alignmentBytes)) bytes after one"
            )
        }
        return unsafe data
    }

    /// Compares a value with the digest in its record.
    ///
    /// Throws: `corrupt` if they differ, besides what `pointer(of:)` throws.
    /// Cost: one read of the value, about two seconds a gigabyte.
    package func verify(_ blob: BlobRecord) throws(StoreError) {
        let found = try withExtendedLifetime(self) { () throws(StoreError) -> [UInt8] in
            // Safety: as in `withBytes`.
            RecordFormat.sha256(unsafe try pointer(of: blob).bytes)
        }
        guard found == [UInt8](blob.sha256) else {
            throw StoreError(
                .corrupt,
                "value '\(blob.key)' of pack \(pack)",
                expected: "SHA-256 \(hexadecimal(blob.sha256))",
                found: hexadecimal(found)
            )
        }
    }
}
