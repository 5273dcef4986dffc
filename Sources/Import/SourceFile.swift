import Crypto
import Foundation
import SystemPackage

/// One regular file, read once from its first byte to its last, with a digest over exactly those bytes.
///
/// Because no byte is read twice, what is parsed, what is packed and what the digest covers cannot
/// differ, even if somebody writes to the file meanwhile.
struct SourceFile: ~Copyable {
    /// The name without its folders, for error texts and the manifest.
    let name: String
    /// The length when the file was opened.
    ///
    /// Unit: bytes.
    let byteCount: UInt64

    private let descriptor: FileDescriptor
    private let handle: FileHandle
    private let opened: Stat
    private var hasher: SHA256
    private var buffer: [UInt8]
    private var cursor: Int
    private var fetchedBytes: UInt64

    private static let chunkBytes: UInt64 = 1 << 20

    /// Opens a file without following a link and without waiting on a pipe.
    ///
    /// Throws: `notFound`, `unreadable`, `notRegularFile`, `limit`.
    init(opening path: String) throws(ImportError) {
        let file = try openRegularFile(path)
        name = String(path.split(separator: "/").last ?? "")
        byteCount = UInt64(clamping: file.stat.size)
        descriptor = file.descriptor
        handle = FileHandle(fileDescriptor: file.descriptor.rawValue, closeOnDealloc: true)
        opened = file.stat
        hasher = SHA256()
        buffer = []
        cursor = 0
        fetchedBytes = 0
    }

    /// Where the next byte read stands in the file.
    var position: UInt64 { fetchedBytes - UInt64(buffer.count - cursor) }

    /// Bytes from `position` to the end.
    var remainingBytes: UInt64 { byteCount - position }

    /// Reads a number that is stored with its lowest byte first.
    mutating func readInteger<Value: FixedWidthInteger>(
        _ type: Value.Type,
        of subject: String
    ) throws(ImportError) -> Value {
        let width = Value.bitWidth / 8
        try require(UInt64(width), of: subject)
        var value: Value = 0
        for index in 0..<width {
            value |= Value(truncatingIfNeeded: try nextByte()) << Value(8 * index)
        }
        return value
    }

    /// Reads text.
    ///
    /// The caller has checked `count` against a limit.
    /// Throws: `badFormat` if the file ends before, or the bytes are not UTF-8.
    mutating func readText(_ count: UInt64, of subject: String) throws(ImportError) -> String {
        try require(count, of: subject)
        let length = Int(count)
        let text: String?
        if buffer.count - cursor >= length {
            text = String(validating: buffer[cursor..<cursor + length], as: UTF8.self)
            cursor += length
        } else {
            text = String(validating: try take(length), as: UTF8.self)
        }
        guard let text else {
            throw error(.badFormat, subject, expected: "UTF-8 text", found: "other bytes")
        }
        return text
    }

    /// Reads bytes.
    ///
    /// The caller has checked `count` against a limit.
    /// Cost: one allocation of `count` bytes, after the check that the file has them.
    mutating func readBytes(_ count: UInt64, of subject: String) throws(ImportError) -> Data {
        try require(count, of: subject)
        return try take(Int(count))
    }

    /// Reads to a place further on in the file and forgets what lies between.
    mutating func skip(to place: UInt64) throws(ImportError) {
        precondition(place >= position && place <= byteCount, "the caller checked the place")
        while position < place {
            if cursor == buffer.count { try refill() }
            cursor += Int(min(place - position, UInt64(buffer.count - cursor)))
        }
    }

    /// Reads what is left and makes sure that nobody wrote to the file since it was opened.
    ///
    /// - Returns: SHA-256 of every byte.
    /// - Throws: `changed`.
    consuming func finish() throws(ImportError) -> Data {
        try skip(to: byteCount)
        let closing: Stat
        do {
            closing = try descriptor.stat()
        } catch {
            throw ImportError(
                .unreadable,
                subject: name,
                expected: "the file's length",
                found: "\(error)"
            )
        }
        guard isSameContent(opened, closing) else {
            throw error(
                .changed,
                "the file",
                expected: "no write while it is read",
                found: "another length or time of change"
            )
        }
        return Data(hasher.finalize())
    }

    /// An error that names this file.
    func error(
        _ code: ImportError.Code,
        _ subject: String,
        expected: String,
        found: String
    ) -> ImportError {
        ImportError(code, subject: "\(name): \(subject)", expected: expected, found: found)
    }

    private func require(_ count: UInt64, of subject: String) throws(ImportError) {
        guard count <= remainingBytes else {
            throw error(
                .badFormat,
                subject,
                expected: "\(count) bytes at offset \(position)",
                found: "\(remainingBytes) bytes to the end of the file"
            )
        }
    }

    private mutating func nextByte() throws(ImportError) -> UInt8 {
        if cursor == buffer.count { try refill() }
        defer { cursor += 1 }
        return buffer[cursor]
    }

    private mutating func take(_ count: Int) throws(ImportError) -> Data {
        var result = Data(capacity: count)
        while result.count < count {
            if cursor == buffer.count { try refill() }
            let end = min(buffer.count, cursor + count - result.count)
            result.append(contentsOf: buffer[cursor..<end])
            cursor = end
        }
        return result
    }

    private mutating func refill() throws(ImportError) {
        let count = min(Self.chunkBytes, byteCount - fetchedBytes)
        let chunk: Data?
        do {
            chunk = try handle.read(upToCount: Int(count))
        } catch {
            throw ImportError(
                .unreadable,
                subject: name,
                expected: "\(count) bytes at offset \(fetchedBytes)",
                found: "\(error)"
            )
        }
        guard let chunk, !chunk.isEmpty else {
            throw error(
                .changed,
                "the file",
                expected: "\(byteCount) bytes",
                found: "the end at \(fetchedBytes)"
            )
        }
        hasher.update(data: chunk)
        fetchedBytes += UInt64(chunk.count)
        buffer = [UInt8](chunk)
        cursor = 0
    }
}

/// Opens a file and closes it again if it is not one that can be read from end to end.
private func openRegularFile(
    _ path: String
) throws(ImportError) -> (descriptor: FileDescriptor, stat: Stat) {
    let descriptor = try openDescriptor(path)
    do {
        let stat = try descriptor.stat()
        guard stat.type == .regular else {
            throw ImportError(
                .notRegularFile,
                subject: path,
                expected: "a regular file",
                found: describe(stat.type)
            )
        }
        guard stat.size <= ImportLimits.fileBytes else {
            throw ImportError(
                .limit,
                subject: path,
                expected: "at most \(ImportLimits.fileBytes) bytes",
                found: "\(stat.size) bytes"
            )
        }
        return (descriptor, stat)
    } catch {
        // The error that matters is the first one.
        try? descriptor.close()
        throw error as? ImportError
            ?? ImportError(
                .unreadable,
                subject: path,
                expected: "the file's length",
                found: "\(error)"
            )
    }
}

private func openDescriptor(_ path: String) throws(ImportError) -> FileDescriptor {
    // FilePath stops at a zero byte, so that another file than the one named would be opened.
    guard !path.isEmpty, !path.utf8.contains(0) else {
        throw ImportError(
            .notFound,
            subject: quoted(path),
            expected: "the path of a file",
            found: "no path"
        )
    }
    do {
        return try FileDescriptor.open(
            FilePath(path),
            .readOnly,
            options: [.noFollow, .closeOnExec, .nonBlocking]
        )
    } catch let error as Errno {
        switch error {
        case .noSuchFileOrDirectory, .notDirectory:
            throw ImportError(.notFound, subject: path, expected: "a file", found: "\(error)")
        case .tooManySymbolicLinkLevels:
            throw ImportError(
                .notRegularFile,
                subject: path,
                expected: "a regular file",
                found: "a symbolic link"
            )
        case .noSuchAddressOrDevice:
            throw ImportError(
                .notRegularFile,
                subject: path,
                expected: "a regular file",
                found: "a socket"
            )
        default:
            throw ImportError(
                .unreadable,
                subject: path,
                expected: "a file to read",
                found: "\(error)"
            )
        }
    } catch {
        throw ImportError(
            .unreadable,
            subject: path,
            expected: "a file to read",
            found: "\(error)"
        )
    }
}

private func isSameContent(_ before: Stat, _ after: Stat) -> Bool {
    before.size == after.size && before.deviceID == after.deviceID && before.inode == after.inode
        && before.st_mtim.tv_sec == after.st_mtim.tv_sec
        && before.st_mtim.tv_nsec == after.st_mtim.tv_nsec
        && before.st_ctim.tv_sec == after.st_ctim.tv_sec
        && before.st_ctim.tv_nsec == after.st_ctim.tv_nsec
}

private func describe(_ type: FileType) -> String {
    switch type {
    case .directory: "a folder"
    case .fifo: "a pipe"
    case .characterSpecial, .blockSpecial: "a device"
    case .socket: "a socket"
    default: "something else"
    }
}
