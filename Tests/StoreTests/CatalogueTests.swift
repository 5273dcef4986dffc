import Foundation
import SwiftProtobuf
import Testing

@testable import Store

@Suite("The catalogue")
struct CatalogueTests {
    private let store: TemporaryStore

    init() throws { store = try TemporaryStore() }

    @Test("versions come back as they were added, sorted by name, also after reopening")
    func versions() throws {
        var added: [StoredVersion] = []
        do {
            let catalogue = try Catalogue(store.directory, access: .writing)
            for name in ["zeta", "alpha"] {
                added.append(try catalogue.add(try store.manifest(name)))
            }
            #expect(try catalogue.versions() == added.reversed())
        }
        let catalogue = try Catalogue(store.directory, access: .reading)
        #expect(try catalogue.versions() == added.reversed())
    }

    @Test("a version is found by its name and by the beginning of its digest")
    func lookup() throws {
        let catalogue = try Catalogue(store.directory, access: .writing)
        let judge = try catalogue.add(try store.manifest("judge"))
        _ = try catalogue.add(try store.manifest("other"))
        #expect(try catalogue.version("judge") == judge)
        #expect(try catalogue.version(judge.digest) == judge)
        #expect(try catalogue.version(String(judge.digest.prefix(8))) == judge)
        #expect(try code { _ = try catalogue.version(String(judge.digest.prefix(7))) } == .notFound)
        let error = #expect(throws: StoreError.self) { try catalogue.version("nobody") }
        #expect(error?.found.contains("judge, other") == true)
    }

    @Test("a name stands for one model: the same again is returned, another is refused")
    func collisions() throws {
        let catalogue = try Catalogue(store.directory, access: .writing)
        let manifest = try store.manifest("judge")
        let first = try catalogue.add(manifest)
        #expect(try catalogue.add(manifest) == first)
        var later = manifest
        later.importedUnixSeconds = 1_800_000_000
        later.importer = "grmctl 9"
        #expect(try catalogue.add(later) == first)
        var different = manifest
        different.licence = "another"
        #expect(try code { _ = try catalogue.add(different) } == .alreadyExists)
        #expect(try catalogue.versions() == [first])
    }

    @Test(
        "a name must be plain, and not look like a digest",
        arguments: [
            "", "-x", "a b", "a\nb", "é", "deadbeef", String(repeating: "0", count: 64),
            String(repeating: "n", count: 201),
        ]
    )
    func names(_ name: String) throws {
        let catalogue = try Catalogue(store.directory, access: .writing)
        let manifest = try store.manifest(name)
        #expect(try code { _ = try catalogue.add(manifest) } == .invalid)
        #expect(try catalogue.versions().isEmpty)
    }

    @Test("a version whose pack is not there is refused")
    func missingPack() throws {
        let catalogue = try Catalogue(store.directory, access: .writing)
        let manifest = try store.manifest("judge")
        let pack = manifest.tensors[0].blob.pack
        try FileManager.default.removeItem(atPath: store.directory.packPath(pack))
        #expect(try code { _ = try catalogue.add(manifest) } == .notFound)
    }

    @Test("deployments are numbered 1, 2, 3 and stay, also after reopening")
    func deployments() throws {
        var log: [DeploymentRecord] = []
        do {
            let catalogue = try Catalogue(store.directory, access: .writing)
            #expect(try catalogue.currentDeployment() == nil)
            let judge = try catalogue.add(try store.manifest("judge"))
            // More than 255, so that keys in the wrong byte order would come back in another order.
            for index in 0..<300 {
                let record = DeploymentRecord.with {
                    $0.number = 99
                    $0.grmDigest = judge.digest
                    $0.reason = "reason \(index)"
                }
                log.append(try catalogue.appendDeployment(record))
            }
        }
        #expect(log.map(\.number) == Array(1...300))
        let catalogue = try Catalogue(store.directory, access: .reading)
        #expect(try catalogue.deployments() == log)
        #expect(try catalogue.currentDeployment() == log.last)
    }

    @Test("a deployment of a version that is not in the catalogue is refused")
    func unknownDeployment() throws {
        let catalogue = try Catalogue(store.directory, access: .writing)
        let record = DeploymentRecord.with { $0.grmDigest = String(repeating: "0", count: 64) }
        #expect(try code { _ = try catalogue.appendDeployment(record) } == .notFound)
        #expect(try catalogue.deployments().isEmpty)
    }

    @Test("a catalogue of a later release is refused, and not a byte of it changes")
    func tooNew() throws {
        do { _ = try Catalogue(store.directory, access: .writing) }
        let path = store.directory.path + "/catalogue/data.mdb"
        try FileManager.default.removeItem(atPath: path)
        do {
            let environment = try Environment(
                store.directory.path + "/catalogue",
                .catalogue(writing: true)
            )
            let transaction = try Transaction(writing: environment)
            try transaction.add(
                Array("format_version".utf8),
                try RecordFormat.seal(Array("\(RecordFormat.version + 1)".utf8))
            )
            try transaction.commit()
        }
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        for access in [Catalogue.Access.reading, .writing] {
            #expect(try code { _ = try Catalogue(store.directory, access: access) } == .tooNew)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }

    @Test("reading a store without a catalogue, or no store at all, says so and makes nothing")
    func missing() throws {
        #expect(try code { _ = try Catalogue(store.directory, access: .reading) } == .notFound)
        #expect(
            try FileManager.default.contentsOfDirectory(
                atPath: store.directory.path + "/catalogue"
            ).isEmpty
        )
        let path = store.directory.path + "/none"
        #expect(try code { _ = try StoreDirectory(existingAt: path) } == .notFound)
    }

    @Test("a catalogue opened for reading takes no changes")
    func readOnly() throws {
        do { _ = try Catalogue(store.directory, access: .writing) }
        let manifest = try store.manifest("judge")
        let catalogue = try Catalogue(store.directory, access: .reading)
        #expect(try code { _ = try catalogue.add(manifest) } == .permission)
    }

    @Test("one process opens the file once: readers join a writer, a writer cannot join readers")
    func sharing() throws {
        let writer = try Catalogue(store.directory, access: .writing)
        let reader = try Catalogue(store.directory, access: .reading)
        let judge = try writer.add(try store.manifest("judge"))
        #expect(try reader.versions() == [judge])
        #expect(try reader.checkReaders() == 0)
        withExtendedLifetime(writer) {}

        let other = try TemporaryStore()
        do { _ = try Catalogue(other.directory, access: .writing) }
        let first = try Catalogue(other.directory, access: .reading)
        #expect(try code { _ = try Catalogue(other.directory, access: .writing) } == .busy)
        #expect(try first.versions().isEmpty)
    }
}
