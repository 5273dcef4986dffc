import Foundation
import Store
import Testing

@Suite("Locks and collection")
struct LockTests {
    private let store: TemporaryStore

    init() throws { store = try TemporaryStore() }

    @Test("a second importer is told within a second that the store is busy")
    func busy() throws {
        let held = try ImportLock(store.directory)
        let start = ContinuousClock.now
        #expect(try code { _ = try ImportLock(store.directory) } == .busy)
        #expect(ContinuousClock.now - start < .milliseconds(1500))
        _ = consume held
        _ = try ImportLock(store.directory)
    }

    @Test("a lock that another process holds keeps importers and writers of the catalogue out")
    func anotherProcess() throws {
        let catalogue = try Catalogue(store.directory, access: .writing)
        let manifest = try store.manifest("judge")
        for folder in ["packs", "catalogue"] {
            let holder = Process()
            holder.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
            let path = "\(store.directory.path)/\(folder)"
            holder.arguments = ["--no-fork", path, "sleep", "60"]
            try holder.run()
            defer {
                // Not SIGTERM: a process started from a test may have it blocked.
                kill(holder.processIdentifier, SIGKILL)
                holder.waitUntilExit()
            }
            // 0 means that the lock was free, so the holder is not that far yet.
            while try run("/usr/bin/flock", ["--nonblock", path, "true"]) == 0 { usleep(10_000) }
            let found = try code {
                if folder == "packs" {
                    _ = try ImportLock(store.directory)
                } else {
                    _ = try catalogue.add(manifest)
                }
            }
            #expect(found == .busy, "\(folder)")
        }
        _ = try ImportLock(store.directory)
        _ = try catalogue.add(manifest)
    }

    @Test("collection takes what no version names and what was left half-written, and nothing else")
    func collection() throws {
        let catalogue = try Catalogue(store.directory, access: .writing)
        let kept = try catalogue.add(try store.manifest("judge"))
        let unused = try #require(try store.pack(["x": [1, 2, 3]])["x"])
        let left = store.directory.path + "/packs/left.tmp"
        try Data([1]).write(to: URL(fileURLWithPath: left))

        #expect(try collectGarbage(in: store.directory, graceSeconds: 3600) == [])
        #expect(try store.packNames().count == 3)
        let removed = try collectGarbage(in: store.directory, graceSeconds: 0)
        #expect(removed == ["\(unused.pack).mdb", "left.tmp"].sorted())
        #expect(try store.packNames() == kept.packs.map { "\($0).mdb" })
        let blob = kept.manifest.tensors[0].blob
        try WeightMap(store.directory, pack: blob.pack).verify(blob)
        #expect(try collectGarbage(in: store.directory, graceSeconds: 0) == [])
    }

    @Test("collection waits for no import: it is busy, and removes nothing")
    func collectionDuringImport() throws {
        let held = try ImportLock(store.directory)
        _ = try store.pack(["x": [1]])
        #expect(
            try code { _ = try collectGarbage(in: store.directory, graceSeconds: 0) } == .busy
        )
        #expect(try store.packNames().count == 1)
        _ = consume held
    }

    @Test("without a catalogue no pack is collected")
    func noCatalogue() throws {
        _ = try store.pack(["x": [1]])
        #expect(try collectGarbage(in: store.directory, graceSeconds: 0) == [])
        #expect(try store.packNames().count == 1)
    }
}
