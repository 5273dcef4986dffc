import Foundation
import Store
import Testing

/// A small file system in memory, unmounted when the test ends.
final class MountedFolder {
    let path: String

    init(_ options: [String], under parent: String = NSTemporaryDirectory()) throws {
        path = "\(parent)/grmd-mount-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true
        )
        guard try run("/bin/mount", options + [path]) == 0 else {
            throw CocoaError(.featureUnsupported)
        }
    }

    deinit {
        // What cannot be unmounted is seen in the list of mounts; the test has its result already.
        _ = try? run("/bin/umount", ["--lazy", path])
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Whether this process may mount file systems.
    static let isPermitted: Bool =
        (try? MountedFolder(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])) != nil  // nil: it may not
}

@Suite(
    "Full and read-only file systems",
    .serialized,
    .enabled(if: MountedFolder.isPermitted, "mounting a tmpfs is not permitted here")
)
struct FullDiskTests {
    @Test("an import that cannot fit is refused before anything is written, with both numbers")
    func preflight() throws {
        let disk = try MountedFolder(["-t", "tmpfs", "-o", "size=8m", "tmpfs"])
        let store = try TemporaryStore(under: disk.path)
        let error = #expect(throws: StoreError.self) {
            _ = try PackWriter(in: store.directory, bytesExpected: 20_000_000)
        }
        #expect(error?.code == .noSpace)
        #expect(error?.expected == "22048576 bytes of free space")
        #expect(try store.packNames() == [])
    }

    @Test("a disk that fills during an import is told as such, and the rest of the store is whole")
    func fills() throws {
        let disk = try MountedFolder(["-t", "tmpfs", "-o", "size=8m", "tmpfs"])
        let store = try TemporaryStore(under: disk.path)
        let catalogue = try Catalogue(store.directory, access: .writing)
        let judge = try catalogue.add(try store.manifest("judge"))
        let found = try code {
            var writer = try PackWriter(in: store.directory, bytesExpected: 1_000_000)
            for index in 0..<12 {
                try writer.append(
                    key: "\(index)",
                    bytes: Data(pattern(count: 1 << 20, seed: 1)).bytes
                )
            }
            _ = try writer.seal()
        }
        #expect(found == .noSpace)
        #expect(try store.packNames() == judge.packs.map { "\($0).mdb" })
        #expect(try catalogue.versions() == [judge])
        let blob = judge.manifest.tensors[0].blob
        try WeightMap(store.directory, pack: blob.pack).verify(blob)
    }

    @Test("on a read-only mount packs are read, and the catalogue refuses readers without slots")
    func readOnlyMount() throws {
        let store = try TemporaryStore()
        let blob: BlobRecord
        do {
            let catalogue = try Catalogue(store.directory, access: .writing)
            blob = try catalogue.add(try store.manifest("judge")).manifest.tensors[0].blob
        }
        let mount = try MountedFolder(["--bind", store.directory.path])
        #expect(try run("/bin/mount", ["-o", "remount,bind,ro", mount.path]) == 0)
        let directory = try StoreDirectory(existingAt: mount.path)
        try WeightMap(directory, pack: blob.pack).verify(blob)
        #expect(
            try code { _ = try Catalogue(directory, access: .reading) } == .permission
        )
        #expect(
            try code { _ = try PackWriter(in: directory, bytesExpected: 1) } == .permission
        )
    }
}
