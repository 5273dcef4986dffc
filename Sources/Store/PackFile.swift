import Crypto
import Foundation

/// Checks of an LMDB file that read it as a plain file.
///
/// A map must not be touched before its file is known to be whole: reading a page that the file does
/// not have ends the process (SIGBUS), and LMDB divides by the page size that it finds.
enum PackFile {
    /// Size and page size of a file that has all of its pages.
    struct Extent: Equatable {
        let bytes: Int
        let pageBytes: Int
    }

    private static let magic: UInt64 = 0xbeef_c0de
    private static let lmdbVersion: UInt64 = 1
    private static let noPage = UInt64.max

    /// Checks that the regular file at `path` begins with two sound LMDB headers and is as long as
    /// the newer one says.
    static func extent(of path: String) throws(StoreError) -> Extent {
        let length = try length(of: path)
        let file = try open(path)
        let first = try header(in: file, at: 0, path)
        let pageBytes = first.pageBytes
        guard [4096, 8192, 16384, 32768].contains(pageBytes) else {
            throw StoreError(
                .corrupt,
                path,
                expected: "a page size of 4 to 32 KiB",
                found: "\(pageBytes) bytes"
            )
        }
        let second = try header(in: file, at: pageBytes, path)
        let current = second.transaction > first.transaction ? second : first
        let (needed, isTooLarge) = (current.lastPage &+ 1).multipliedReportingOverflow(
            by: pageBytes
        )
        let roots = current.rootPages
        // Commits write the headers in turn, so their numbers are neighbours; a header of a wrong
        // number would bring back an older state.
        let numbers = [first.transaction, second.transaction].sorted()
        guard second.pageBytes == pageBytes, numbers[1] - numbers[0] <= 1,
            current.mainFlags == 0, roots.allSatisfy({ $0 == noPage || $0 <= current.lastPage })
        else {
            throw StoreError(
                .corrupt,
                path,
                expected: "two LMDB headers that agree",
                found: "headers that do not"
            )
        }
        guard !isTooLarge, needed <= UInt64(length) else {
            throw StoreError(
                .corrupt,
                path,
                expected: "\(needed) bytes in whole pages of \(pageBytes)",
                found: "\(length) bytes"
            )
        }
        return Extent(bytes: length, pageBytes: Int(pageBytes))
    }

    /// SHA-256 of the file at `path`, in hex, read through the page cache and not through a map.
    static func digest(of path: String) throws(StoreError) -> String {
        let file = try open(path)
        var hash = SHA256()
        while let chunk = try StoreError.onFile(
            path,
            "a file that can be read",
            { try file.read(upToCount: 1 << 20) }
        ), !chunk.isEmpty {
            hash.update(data: chunk)
        }
        return hexadecimal(hash.finalize())
    }

    /// Flushes the file at `path` to its disk.
    static func sync(_ path: String) throws(StoreError) {
        let file = try open(path)
        // The handle closes the descriptor as soon as nothing needs the handle.
        let result = withExtendedLifetime(file) { fsync(file.fileDescriptor) }
        guard result == 0 else {
            throw StoreError(
                StoreError.kind(ofErrno: errno),
                path,
                expected: "fsync",
                found: "an error",
                lmdbCode: errno
            )
        }
    }

    /// Bytes that may still be written to the file system of `path`.
    static func freeBytes(at path: String) throws(StoreError) -> UInt64 {
        try StoreError.onFile(path, "a file system that tells its free space") {
            let attributes = try FileManager.default.attributesOfFileSystem(forPath: path)
            return (attributes[.systemFreeSize] as? NSNumber)?.uint64Value ?? 0
        }
    }

    private static func open(_ path: String) throws(StoreError) -> FileHandle {
        try StoreError.onFile(path, "a file that can be read") {
            try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        }
    }

    private static func length(of path: String) throws(StoreError) -> Int {
        let attributes = try StoreError.onFile(path, "a file") {
            try FileManager.default.attributesOfItem(atPath: path)
        }
        guard attributes[.type] as? FileAttributeType == .typeRegular,
            let bytes = attributes[.size] as? NSNumber
        else {
            throw StoreError(
                .invalid,
                path,
                expected: "a regular file",
                found: "a file of another kind"
            )
        }
        return bytes.intValue
    }

    /// The fields of an LMDB 0.9 meta page that matter here.
    private struct Header {
        let pageBytes: UInt64
        let mainFlags: UInt64
        let rootPages: [UInt64]
        let lastPage: UInt64
        let transaction: UInt64
    }

    /// Source: `struct MDB_meta` of liblmdb 0.9, after a page header of 16 bytes; little-endian.
    private static func header(
        in file: FileHandle,
        at offset: UInt64,
        _ path: String
    ) throws(StoreError) -> Header {
        let bytes = try StoreError.onFile(path, "an LMDB header at \(offset)") {
            try file.seek(toOffset: offset)
            return [UInt8](try file.read(upToCount: 152) ?? Data())
        }
        guard bytes.count == 152 else {
            throw StoreError(
                .corrupt,
                path,
                expected: "an LMDB header at \(offset)",
                found: "the file's end"
            )
        }
        func number(_ position: Int, _ width: Int) -> UInt64 {
            bytes[position..<position + width].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        guard number(16, 4) == magic else {
            throw StoreError(
                .corrupt,
                path,
                expected: "an LMDB header at \(offset)",
                found: "other bytes"
            )
        }
        guard number(20, 4) == lmdbVersion else {
            throw StoreError(
                .tooNew,
                path,
                expected: "LMDB data version \(lmdbVersion)",
                found: "version \(number(20, 4))"
            )
        }
        return Header(
            pageBytes: number(40, 4),
            mainFlags: number(92, 2),
            rootPages: [number(80, 8), number(128, 8)],
            lastPage: number(136, 8),
            transaction: number(144, 8)
        )
    }
}

/// Checks a pack byte by byte against the digest that names it, without mapping it.
///
/// Throws: `notFound`; `corrupt` if a single bit of the file differs.
/// Cost: one read of the whole file.
package func verifyPack(_ digest: String, in directory: StoreDirectory) throws(StoreError) {
    let path = directory.packPath(digest)
    let found = try PackFile.digest(of: path)
    guard found == digest else {
        throw StoreError(.corrupt, path, expected: "SHA-256 \(digest)", found: found)
    }
}
