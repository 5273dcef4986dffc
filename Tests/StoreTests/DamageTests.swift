import Foundation
import Store
import Testing

@Suite("Damaged files")
struct DamageTests {
    private let store: TemporaryStore

    init() throws { store = try TemporaryStore() }

    @Test("a byte of a value that flipped is found, and named by the key")
    func flippedValue() throws {
        let bytes = Array("here lies a value that will be damaged".utf8)
        let blobs = try store.pack(["good": pattern(count: 500, seed: 1), "bad": bytes])
        let (good, bad) = (try #require(blobs["good"]), try #require(blobs["bad"]))
        let path = store.directory.packPath(bad.pack)
        let position = try #require(try offset(of: "damaged", in: path))
        try flipByte(path, at: position, mask: 0x10)
        let map = try WeightMap(store.directory, pack: bad.pack)
        try map.verify(good)
        let error = #expect(throws: StoreError.self) { try map.verify(bad) }
        #expect(error?.code == .corrupt)
        #expect(error?.subject.contains("'bad'") == true)
    }

    @Test("a bit that flipped anywhere in a pack is found without mapping it")
    func flippedAnywhere() throws {
        let blob = try #require(try store.pack(["x": pattern(count: 3000, seed: 1)])["x"])
        let path = store.directory.packPath(blob.pack)
        let length = try Data(contentsOf: URL(fileURLWithPath: path)).count
        for position in stride(from: 0, to: length, by: 211) {
            try flipByte(path, at: position, mask: 1)
            #expect(
                try code { try verifyPack(blob.pack, in: store.directory) } == .corrupt,
                "byte \(position)"
            )
            try flipByte(path, at: position, mask: 1)
        }
        try verifyPack(blob.pack, in: store.directory)
    }

    @Test("a pack that is cut at any page is refused when it is opened")
    func truncated() throws {
        let blob = try #require(try store.pack(["x": pattern(count: 30_000, seed: 1)])["x"])
        let path = store.directory.packPath(blob.pack)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        for length in stride(from: whole.count - 4096, through: 0, by: -4096) + [
            1, whole.count - 1,
        ] {
            try whole.prefix(length).write(to: URL(fileURLWithPath: path))
            #expect(
                try code { _ = try WeightMap(store.directory, pack: blob.pack) } == .corrupt,
                "\(length) of \(whole.count) bytes"
            )
        }
        try whole.write(to: URL(fileURLWithPath: path))
        try WeightMap(store.directory, pack: blob.pack).verify(blob)
    }

    @Test("a page size that is nonsense is refused, since LMDB would divide by it")
    func pageSize() throws {
        let blob = try #require(try store.pack(["x": [1]])["x"])
        let path = store.directory.packPath(blob.pack)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for size in [0, 1, 4095, 1 << 31] {
            var damaged = whole
            for index in 0..<4 {
                damaged[40 + index] = UInt8(truncatingIfNeeded: size >> (8 * index))
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
            try damaged.write(to: URL(fileURLWithPath: path))
            #expect(try code { _ = try WeightMap(store.directory, pack: blob.pack) } == .corrupt)
        }
    }

    @Test("a pack that is damaged is healed by sealing the same values again")
    func healed() throws {
        let bytes = Array("once broken, then whole".utf8)
        let blob = try #require(try store.pack(["x": bytes])["x"])
        let path = store.directory.packPath(blob.pack)
        try flipByte(path, at: try #require(try offset(of: "broken", in: path)))
        let damaged = try WeightMap(store.directory, pack: blob.pack)
        #expect(try code { try damaged.verify(blob) } == .corrupt)
        #expect(try #require(try store.pack(["x": bytes])["x"]) == blob)
        try WeightMap(store.directory, pack: blob.pack).verify(blob)
        #expect(try code { try damaged.verify(blob) } == .corrupt, "the old map keeps the old file")
    }

    @Test("a byte of a version's record that flipped makes the version refused")
    func flippedManifest() throws {
        do {
            let catalogue = try Catalogue(store.directory, access: .writing)
            _ = try catalogue.add(try store.manifest("judge"))
        }
        let path = store.directory.path + "/catalogue/data.mdb"
        try flipByte(path, at: try #require(try offset(of: "llama", in: path)), mask: 1)
        let catalogue = try Catalogue(store.directory, access: .reading)
        #expect(try code { _ = try catalogue.versions() } == .corrupt)
        #expect(try code { _ = try catalogue.version("judge") } == .corrupt)
    }

    @Test("a catalogue that is cut short is refused when it is opened")
    func truncatedCatalogue() throws {
        do {
            let catalogue = try Catalogue(store.directory, access: .writing)
            _ = try catalogue.add(try store.manifest("judge"))
        }
        let path = store.directory.path + "/catalogue/data.mdb"
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        try whole.dropLast(4096).write(to: URL(fileURLWithPath: path))
        for access in [Catalogue.Access.reading, .writing] {
            #expect(
                try code { _ = try Catalogue(store.directory, access: access) } == .corrupt
            )
        }
        // Garbage collection must not take the loss of the catalogue for an empty one.
        #expect(
            try code { _ = try collectGarbage(in: store.directory, graceSeconds: 0) } == .corrupt
        )
        #expect(try store.packNames().count == 1)
    }

    @Test("a byte flipped in either header of the catalogue never rolls it back unnoticed")
    func flippedHeader() throws {
        let added: StoredVersion
        do {
            let catalogue = try Catalogue(store.directory, access: .writing)
            added = try catalogue.add(try store.manifest("judge"))
            _ = try catalogue.appendDeployment(DeploymentRecord())
        }
        let path = store.directory.path + "/catalogue/data.mdb"
        for position in Array(16..<152) + (4112..<4248) {
            try flipByte(path, at: position)
            do throws(StoreError) {
                let catalogue = try Catalogue(store.directory, access: .reading)
                let isWhole = try catalogue.versions() == [added]
                let count = try catalogue.deployments().count
                #expect(isWhole && count == 1, "byte \(position)")
            } catch {
                #expect(error.code == .corrupt || error.code == .tooNew, "byte \(position)")
            }
            try flipByte(path, at: position)
        }
    }
}
