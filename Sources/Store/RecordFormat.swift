import Crypto
import Foundation
import SwiftProtobuf

/// How things lie in the store's files.
///
/// Every number here is part of the format: a change needs a new `version`.
enum RecordFormat {
    /// The format that this release writes, and the newest one that it reads.
    static let version: UInt32 = 2
    /// Vectors of the kernels are at most this wide.
    static let alignmentBytes = 64
    /// Zero bytes before the data of a pack's value.
    ///
    /// LMDB puts a large value 16 bytes after the start
    /// of a page, so that 48 more make the data begin at a multiple of 64.
    static let paddingBytes = 48
    /// The longest value that LMDB keeps, data and padding.
    static let longestValueBytes = 0xffff_ffff
    /// The longest key that LMDB keeps.
    static let longestKeyBytes = 511

    /// How long the value is that holds `count` bytes of data.
    ///
    /// Short values are lengthened to half a page: LMDB then keeps them on pages of their own too,
    /// since a shorter one lies inside a shared page at any address.
    static func valueBytes(for count: Int, pageBytes: Int) -> Int {
        max(paddingBytes + count, pageBytes / 2)
    }

    /// SHA-256 of `bytes`.
    static func sha256(_ bytes: RawSpan) -> [UInt8] {
        var hash = SHA256()
        // Safety: the buffer lives as long as the closure, and the hash copies what it keeps.
        unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        return Array(hash.finalize())
    }

    /// SHA-256 of `bytes`.
    static func sha256(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

    /// Whether `text` consists of lower-case hex digits only.
    static func isHex(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// Whether `text` is a SHA-256 in lower-case hex.
    static func isDigest(_ text: String) -> Bool { text.utf8.count == 64 && isHex(text) }

    /// A record of the catalogue that holds `content`.
    static func seal(_ content: [UInt8]) throws(StoreError) -> [UInt8] {
        let record = Sealed.with {
            $0.content = Data(content)
            $0.sha256 = Data(sha256(content))
        }
        return try encode(record, "a sealed record")
    }

    /// The content of a record of the catalogue.
    ///
    /// Throws: `corrupt` if the record does not have the digest that it was written with.
    static func unseal(_ record: [UInt8], _ subject: String) throws(StoreError) -> [UInt8] {
        let sealed: Sealed = try decode(record, subject)
        let content = [UInt8](sealed.content)
        let digest = sha256(content)
        guard digest == [UInt8](sealed.sha256) else {
            throw StoreError(
                .corrupt,
                subject,
                expected: "SHA-256 \(hexadecimal(sealed.sha256))",
                found: hexadecimal(digest)
            )
        }
        return content
    }

    /// The bytes of a message.
    static func encode(_ message: some Message, _ subject: String) throws(StoreError) -> [UInt8] {
        do {
            return try message.serializedBytes()
        } catch {
            throw StoreError(
                .invalid,
                subject,
                expected: "a record that can be encoded",
                found: "\(error)"
            )
        }
    }

    /// The message in `bytes`.
    static func decode<Record: Message>(
        _ bytes: [UInt8],
        _ subject: String
    ) throws(StoreError) -> Record {
        do {
            return try Record(serializedBytes: bytes)
        } catch {
            throw StoreError(
                .corrupt,
                subject,
                expected: "a \(Record.protoMessageName) message",
                found: "\(error)"
            )
        }
    }
}
