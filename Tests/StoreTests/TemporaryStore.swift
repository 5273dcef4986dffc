import Foundation
import Store
import SwiftProtobuf

/// A store in a folder of its own, which goes when the test ends.
final class TemporaryStore {
    let directory: StoreDirectory

    init(under parent: String = NSTemporaryDirectory()) throws {
        let name = "grmd-store-\(UUID().uuidString)"
        directory = try StoreDirectory(creatingAt: "\(parent)/\(name)")
    }

    deinit {
        // A folder left behind in the temporary folder harms nobody.
        try? FileManager.default.removeItem(atPath: directory.path)
    }

    /// Seals a pack of these values.
    func pack(_ values: [String: [UInt8]]) throws -> [String: BlobRecord] {
        let total = values.values.reduce(0) { $0 + $1.count }
        var writer = try PackWriter(in: directory, bytesExpected: UInt64(total))
        for (key, bytes) in values.sorted(by: { $0.key < $1.key }) {
            try writer.append(key: key, bytes: Data(bytes).bytes)
        }
        return try writer.seal()
    }

    /// A manifest with one tensor in a pack that is there.
    func manifest(_ name: String, seed: UInt8 = 1) throws -> VersionManifest {
        let blobs = try pack(["weight": pattern(count: 300, seed: seed)])
        return VersionManifest.with {
            $0.formatVersion = 1
            $0.name = name
            $0.architecture = "llama"
            $0.tensors = blobs.map { key, blob in
                TensorRecord.with {
                    $0.name = key
                    $0.blob = blob
                }
            }
        }
    }

    /// Names in the folder of packs, sorted.
    func packNames() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path + "/packs").sorted()
    }
}

/// Bytes that differ between seeds and positions.
func pattern(count: Int, seed: UInt8) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) ^ seed }
}

/// Reads the bytes of a value through a map.
func read(_ blob: BlobRecord, _ map: WeightMap) throws -> [UInt8] {
    try map.withBytes(of: blob) { bytes in
        let span = Span<UInt8>(_bytes: bytes)
        return span.indices.map { span[$0] }
    }
}

/// Overwrites one byte of a file, keeping its mode.
func flipByte(_ path: String, at offset: Int, mask: UInt8 = 0xff) throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try file.seek(toOffset: UInt64(offset))
    let old = try file.read(upToCount: 1)?.first ?? 0
    try file.seek(toOffset: UInt64(offset))
    try file.write(contentsOf: Data([old ^ mask]))
    try file.close()
}

/// Where these bytes first are in a file.
func offset(of text: String, in path: String) throws -> Int? {
    try Data(contentsOf: URL(fileURLWithPath: path)).range(of: Data(text.utf8))?.lowerBound
}

/// Runs a program of the system and returns its exit status.
func run(_ program: String, _ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
}

/// The kind of store error that `body` throws; nil if it does not throw.
func code(_ body: () throws -> Void) throws -> StoreError.Code? {
    do {
        try body()
        return nil
    } catch let error as StoreError {
        return error.code
    }
}
