import Foundation
import Store
import Testing

@Suite("Packs")
struct PackTests {
    private let store: TemporaryStore

    init() throws { store = try TemporaryStore() }

    @Test("what is appended is what is read, under the records that sealing returns")
    func roundTrip() throws {
        let values: [String: [UInt8]] = [
            "a": pattern(count: 5000, seed: 1), "b": pattern(count: 1 << 20, seed: 2),
            "c": [], "d": [7],
        ]
        let blobs = try store.pack(values)
        #expect(blobs.keys.sorted() == ["a", "b", "c", "d"])
        let digest = try #require(blobs["a"]).pack
        let map = try WeightMap(store.directory, pack: digest)
        for (key, bytes) in values {
            let blob = try #require(blobs[key])
            #expect(blob.pack == digest)
            #expect(blob.bytes == bytes.count)
            #expect(try read(blob, map) == bytes)
            try map.verify(blob)
        }
        try verifyPack(digest, in: store.directory)
    }

    @Test("data of every length begins at a multiple of 64 in memory")
    func alignment() throws {
        let sizes = Array(0...130) + (1900...2100).filter { $0 % 3 == 0 } + [4032, 4033, 70_001]
        var values: [String: [UInt8]] = [:]
        for size in sizes {
            // Keys of different lengths shift what lies on shared pages.
            let key = String(repeating: "k", count: 1 + size % 37) + "\(size)"
            values[key] = pattern(count: size, seed: UInt8(truncatingIfNeeded: size))
        }
        let blobs = try store.pack(values)
        let map = try WeightMap(store.directory, pack: try #require(blobs.first).value.pack)
        #expect(blobs.count == sizes.count)
        // The map refuses a value that is not aligned, so reading each is the check.
        for (key, blob) in blobs { #expect(try read(blob, map) == values[key]) }
    }

    @Test("the same values make the same file, so an import again changes nothing")
    func deterministic() throws {
        let values = ["x": pattern(count: 9000, seed: 3), "y": pattern(count: 10, seed: 4)]
        let first = try store.pack(values)
        let second = try store.pack(values)
        #expect(first == second)
        #expect(try store.packNames() == ["\(try #require(first["x"]).pack).mdb"])
    }

    @Test("a sealed pack can be read by its owner and group, and written by nobody")
    func mode() throws {
        let digest = try #require(try store.pack(["x": [1, 2, 3]])["x"]).pack
        let attributes = try FileManager.default.attributesOfItem(
            atPath: store.directory.packPath(digest)
        )
        #expect(attributes[.posixPermissions] as? Int == 0o440)
    }

    @Test("a pack that is not sealed leaves nothing behind")
    func unsealed() throws {
        do {
            var writer = try PackWriter(in: store.directory, bytesExpected: 1000)
            try writer.append(key: "x", bytes: Data(pattern(count: 1000, seed: 1)).bytes)
            #expect(try store.packNames().allSatisfy { $0.hasSuffix(".tmp") })
            #expect(try store.packNames().count == 1)
        }
        #expect(try store.packNames() == [])
    }

    @Test("a pack without values is refused and leaves nothing behind")
    func empty() throws {
        let found = try code {
            let writer = try PackWriter(in: store.directory, bytesExpected: 0)
            _ = try writer.seal()
        }
        #expect(found == .invalid)
        #expect(try store.packNames() == [])
    }

    @Test("a key is used once, and has a length that LMDB keeps")
    func keys() throws {
        var writer = try PackWriter(in: store.directory, bytesExpected: 100)
        try writer.append(key: "x", bytes: Data([1]).bytes)
        var codes: [StoreError.Code] = []
        for key in ["x", "", String(repeating: "k", count: 512)] {
            do throws(StoreError) {
                try writer.append(key: key, bytes: Data([2]).bytes)
            } catch { codes.append(error.code) }
        }
        #expect(codes == [.alreadyExists, .invalid, .invalid])
        let blobs = try writer.seal()
        let blob = try #require(blobs["x"])
        #expect(try read(blob, try WeightMap(store.directory, pack: blob.pack)) == [1])
    }

    @Test("two maps of one pack share what is open, and the file may go meanwhile")
    func shared() throws {
        let bytes = pattern(count: 10_000, seed: 5)
        let blob = try #require(try store.pack(["x": bytes])["x"])
        let first = try WeightMap(store.directory, pack: blob.pack)
        do {
            let second = try WeightMap(store.directory, pack: blob.pack)
            #expect(try read(blob, second) == bytes)
        }
        try FileManager.default.removeItem(atPath: store.directory.packPath(blob.pack))
        #expect(try read(blob, first) == bytes)
        #expect(
            try code { _ = try WeightMap(store.directory, pack: blob.pack) } == .notFound
        )
    }

    @Test("many threads read one map at once")
    func threads() async throws {
        let bytes = pattern(count: 3000, seed: 6)
        let blob = try #require(try store.pack(["x": bytes])["x"])
        let map = try WeightMap(store.directory, pack: blob.pack)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var isEqual = true
                    for _ in 0..<50 { isEqual = try read(blob, map) == bytes && isEqual }
                    return isEqual
                }
            }
            for try await isEqual in group { #expect(isEqual) }
        }
    }

    @Test("a record of another pack, of no value or of another length is refused")
    func wrongRecords() throws {
        let blob = try #require(try store.pack(["x": [1, 2, 3]])["x"])
        let map = try WeightMap(store.directory, pack: blob.pack)
        var other = blob
        other.pack = String(repeating: "0", count: 64)
        #expect(try code { try map.verify(other) } == .invalid)
        other = blob
        other.key = "y"
        #expect(try code { try map.verify(other) } == .notFound)
        other = blob
        other.bytes = 1 << 40
        #expect(try code { try map.verify(other) } == .corrupt)
        let name = "../../x"
        #expect(try code { _ = try WeightMap(store.directory, pack: name) } == .invalid)
    }
}
