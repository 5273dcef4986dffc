import Foundation
import Store
import Testing

@Suite("A principle cache on bad ground", .serialized)
struct PrincipleDamageTests {
    private let place = TemporaryCache()
    private static let keyCount = 24
    /// GRMD_FLIP_STRIDE=1 flips every byte of the file, which takes minutes.
    private static let strideBytes =
        ProcessInfo.processInfo.environment["GRMD_FLIP_STRIDE"].flatMap(Int.init) ?? 499

    /// Sets of all sizes, some removed again, so that the file has branches, long values and free pages.
    private func fill() throws {
        let cache = try place.open()
        for number in 0..<Self.keyCount {
            let key = principleKey(number)
            for set in 0..<4 {
                let bytes = [60, 400, 1500, 2048][(number + set) % 4]
                _ = cache.add(.own(of: key, number: set, byteCount: bytes), to: key)
            }
        }
        for number in stride(from: 1, to: Self.keyCount, by: 4) {
            _ = try cache.delete(nil, of: principleKey(number))
        }
        _ = cache.add(.own(of: principleKey(1), byteCount: 300), to: principleKey(1))
    }

    /// Uses a cache in every way; nothing that it gives out may belong to another key.
    private func use(_ subject: String) throws {
        let cache = try place.open(.init(bytesMax: 100_000))
        for number in 0..<Self.keyCount {
            let key = principleKey(number)
            let sets = cache.sets(of: key)
            for set in sets {
                #expect(set.texts.allSatisfy { $0.hasPrefix("\(key) ") }, "\(subject)")
                #expect(set.id == PrincipleSetRecord.id(of: set.principles), "\(subject)")
            }
            cache.note(uses: sets.map { .init(setID: $0.id, metaScore: 0.5) }, of: key)
            _ = cache.add(.own(of: key, number: 9, byteCount: 700), to: key)
        }
        for entry in try cache.entries(countMax: 1000).entries {
            #expect(entry.set.texts[0].hasPrefix("\(entry.key) "), "\(subject)")
        }
        for number in stride(from: 0, to: Self.keyCount, by: 3) {
            // Gone with a file that was begun anew is as good.
            _ = try? cache.delete(nil, of: principleKey(number))
        }
        let last = principleKey(99)
        #expect(cache.add(.own(of: last), to: last).id != nil, "\(subject)")
        #expect(cache.sets(of: last).count == 1, "\(subject)")
        cache.tend()
    }

    @Test(
        "Whatever byte of the file is flipped, the cache opens, works and gives out nothing wrong"
    )
    func flips() throws {
        try fill()
        let whole = try Data(contentsOf: URL(fileURLWithPath: place.file))
        #expect(whole.count > 20 * 4096)
        for offset in stride(from: 0, to: whole.count, by: Self.strideBytes) {
            for mask in [UInt8(0xff), 1 << UInt8(offset % 8)] {
                var flipped = whole
                flipped[offset] ^= mask
                try flipped.write(to: URL(fileURLWithPath: place.file))
                try use("byte \(offset) by \(mask)")
            }
        }
        // Most flips lie in texts and cost a set; those in pages cost the file.
        #expect(place.events.contains { if case .rebuilt = $0 { true } else { false } })
        #expect(place.events.contains { if case .damagedSets = $0 { true } else { false } })
    }

    @Test("A file cut anywhere, empty, foreign or of another kind is begun anew")
    func foreign() throws {
        try fill()
        let whole = try Data(contentsOf: URL(fileURLWithPath: place.file))
        var contents = [Data(), Data([1, 2, 3]), Data(repeating: 0xff, count: 50_000)]
        contents += stride(from: 4096, to: whole.count, by: 3 * 4096).map { whole.prefix($0 + 5) }
        for content in contents {
            try content.write(to: URL(fileURLWithPath: place.file))
            try use("\(content.count) bytes")
        }
        try FileManager.default.removeItem(atPath: place.file)
        try FileManager.default.createDirectory(
            atPath: place.file + "/inner",
            withIntermediateDirectories: true
        )
        try use("a folder")
    }

    @Test("A whole file without any damage passes, and keeps all it had")
    func keepsWhole() throws {
        try fill()
        let count = try place.open().statistics.sets
        #expect(count == 24 * 4 - 6 * 4 + 1)
        #expect(try place.open().statistics.rebuilds == 0 && place.events.isEmpty)
    }

    @Test("A catalogue in the cache's place is another format")
    func otherFormat() throws {
        let store = try TemporaryStore()
        do { _ = try Catalogue(store.directory, access: .writing) }
        try FileManager.default.createDirectory(
            atPath: place.folder,
            withIntermediateDirectories: true
        )
        try FileManager.default.copyItem(
            atPath: store.directory.path + "/catalogue/data.mdb",
            toPath: place.file
        )
        try use("a catalogue")
        #expect(place.events.contains { if case .rebuilt = $0 { true } else { false } })
    }

    @Test("A second holder is told at once that the cache is busy")
    func busy() throws {
        let cache = try place.open()
        #expect(try code { _ = try place.open() } == .busy)
        let holder = Process()
        holder.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
        holder.arguments = ["--nonblock", place.folder, "true"]
        try holder.run()
        holder.waitUntilExit()
        #expect(holder.terminationStatus == 1, "another process sees the lock too")
        #expect(cache.add(.plain("a"), to: principleKey(1)).id != nil)
    }

    @Test(
        "A full disk refuses what is written, once told; what is there is read, and room heals it",
        .enabled(if: MountedFolder.isPermitted, "mounting a tmpfs is not permitted here")
    )
    func fullDisk() throws {
        let disk = try MountedFolder(["-t", "tmpfs", "-o", "size=512k", "tmpfs"])
        let place = TemporaryCache(under: disk.path)
        let cache = try place.open()
        var number = 0
        while cache.add(.own(of: principleKey(number), byteCount: 2000), to: principleKey(number))
            .id != nil
        {
            number += 1
            try #require(number < 1000)
        }
        #expect(number > 10)
        let large = PrincipleSetRecord.own(of: principleKey(number), byteCount: 2000)
        #expect(cache.add(large, to: principleKey(number)).refusal == .noSpace)
        #expect(cache.statistics.refusedWrites == 2)
        #expect(place.events.count == 1, "\(place.events)")
        for known in 0..<number { #expect(cache.sets(of: principleKey(known)).count == 1) }
        // A removal needs pages too; with more room everything goes on.
        #expect(try run("/bin/mount", ["-o", "remount,size=4m", disk.path]) == 0)
        #expect(cache.add(large, to: principleKey(number)).id != nil)
        #expect(cache.statistics.sets == number + 1 && cache.statistics.rebuilds == 0)
    }

    @Test(
        "On a read-only file system the cache is refused, and says why",
        .enabled(if: MountedFolder.isPermitted, "mounting a tmpfs is not permitted here")
    )
    func readOnly() throws {
        try fill()
        let mount = try MountedFolder(["--bind", place.folder])
        #expect(try run("/bin/mount", ["-o", "remount,bind,ro", mount.path]) == 0)
        #expect(
            try code { _ = try PrincipleCache(folder: mount.path, limits: .init()) } == .permission
        )
    }
}
