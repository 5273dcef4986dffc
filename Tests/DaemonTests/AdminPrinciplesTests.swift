import Daemon
import Foundation
import GRPCCore
import Logging
import Store
import SwiftProtobuf
import Testing
import Wire

@Suite("The admin calls of the principle cache")
struct AdminPrinciplesTests {
    private let store: TinyStore
    private let cache: PrincipleCache
    private let daemon: DaemonState
    private let key = String(repeating: "7", count: 64)

    init() throws {
        store = try TinyStore(versions: [])
        cache = try PrincipleCache(folder: store.directory.path + "/principles", limits: .init())
        let configuration = try Configuration(ConfigurationLayers())
        daemon = DaemonState(
            configuration: configuration,
            deployments: store.deployments(),
            principles: cache,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            readConfiguration: { configuration }
        )
    }

    private func entry(_ key: String, _ texts: String...) -> Grm_V1_PrincipleEntry {
        .with {
            $0.key = key
            $0.principles = texts.map { text in .with { $0.text = text } }
            $0.grmDigest = String(repeating: "a", count: 64)
            $0.responsesSeen = true
        }
    }

    private func principles(_ texts: String...) -> [PrincipleRecord] {
        texts.map { text in .with { $0.text = text } }
    }

    @Test("What is exported is the same again after it was imported elsewhere")
    func roundTrip() async throws {
        let sets = try (0..<250).map { number -> Grm_V1_PrincipleEntry in
            let key = String(String(repeating: "\(number + 100)", count: 22).prefix(64))
            let set = PrincipleSetRecord.with {
                $0.principles = [
                    .with {
                        $0.text = "Right? \(number)"
                        $0.weight = 0.1
                    }
                ]
                $0.templateDigest = String(repeating: "b", count: 64)
                $0.responsesSeen = number % 2 == 0
            }
            guard case .added(let id) = cache.add(set, to: key) else {
                throw StoreError(.failed, key, expected: "an addition", found: "none")
            }
            cache.note(uses: [.init(setID: id, metaScore: Double(number) / 250)], of: key)
            if number % 7 == 0 { _ = try cache.pin(id, of: key, isPinned: true) }
            let kept = try #require(try cache.show(key).first)
            return Grm_V1_PrincipleEntry(kept, key: key)
        }
        let sorted = sets.sorted { $0.key < $1.key }
        try await InProcessDaemon.serve(daemon) { client in
            let exported = try await client.admin.exportPrinciples(.init()) { response in
                try await response.messages.reduce(into: []) { $0.append($1) }
            }
            #expect(exported == sorted)
            for entry in sets { _ = try cache.delete(nil, of: entry.key) }
            let reply = try await client.admin.importPrinciples { writer in
                for entry in exported { try await writer.write(entry) }
            }
            #expect(reply.imported == 250 && reply.refused == 0)
            let again = try await client.admin.exportPrinciples(.init()) { response in
                try await response.messages.reduce(into: []) { $0.append($1) }
            }
            #expect(again == sorted)
        }
    }

    @Test("An import checks each set, counts both kinds, and takes one that is there as it is")
    func imports() async throws {
        try await InProcessDaemon.serve(daemon) { client in
            let entries = [
                entry(key, "a"), entry("x", "a"), entry(key), entry(key, " "), entry(key, "a"),
                entry(key, String(repeating: "x", count: 2049)), entry(key, "b", "c"),
            ]
            let reply = try await client.admin.importPrinciples { writer in
                for entry in entries { try await writer.write(entry) }
            }
            #expect(reply.imported == 3 && reply.refused == 4)
            #expect(cache.statistics.sets == 2)
            let shown = try await client.admin.showPrinciples(.with { $0.key = key }).entries
            #expect(Set(shown.map { $0.principles.map(\.text) }) == [["a"], ["b", "c"]])
            #expect(shown.allSatisfy { $0.grmDigest == entries[0].grmDigest && $0.responsesSeen })
        }
    }

    @Test("Pin, edit and delete change what is named and give back what it is now")
    func changes() async throws {
        let id = try #require(addition("old"))
        try await InProcessDaemon.serve(daemon) { client in
            let pinned = try await client.admin.pinPrinciples(
                .with {
                    $0.key = key
                    $0.setID = id
                    $0.pinned = true
                }
            ).entry
            #expect(pinned.pinned && pinned.setID == id)
            let edited = try await client.admin.editPrinciples(
                .with {
                    $0.key = key
                    $0.setID = id
                    $0.principles = [.with { $0.text = "new" }]
                }
            ).entry
            #expect(edited.pinned && edited.setID != id)
            #expect(try cache.show(key).map(\.id) == [edited.setID])
            let gone = try await client.refusal {
                _ = try await $0.admin.deletePrinciples(
                    .with {
                        $0.key = key
                        $0.setID = id
                    }
                )
            }
            #expect(gone.status == .notFound && gone.detail.code == .principles)
            let deleted = try await client.admin.deletePrinciples(.with { $0.key = key })
            #expect(deleted.deleted == 1)
            let none = try await client.refusal {
                _ = try await $0.admin.showPrinciples(.with { $0.key = key })
            }
            #expect(none.status == .notFound && none.detail.code == .principles)
        }
    }

    @Test("A list has pages; wrong prefixes, tokens and keys are refused as arguments")
    func lists() async throws {
        for name in ["a", "b", "c", "d", "e"] { _ = addition(name) }
        try await InProcessDaemon.serve(daemon) { client in
            var found: [String] = []
            var token = ""
            repeat {
                let page = try await client.admin.listPrinciples(
                    .with {
                        $0.countMax = 2
                        $0.pageToken = token
                    }
                )
                found += page.entries.map(\.setID)
                token = page.nextPageToken
            } while !token.isEmpty
            #expect(found.count == 5 && Set(found).count == 5)
            let wrong: [(InProcessDaemon) async throws -> Void] = [
                { _ = try await $0.admin.listPrinciples(.with { $0.keyPrefix = "x" }) },
                { _ = try await $0.admin.listPrinciples(.with { $0.pageToken = "x" }) },
                { _ = try await $0.admin.showPrinciples(.with { $0.key = "x" }) },
            ]
            for call in wrong {
                let refusal = try await client.refusal { try await call($0) }
                #expect(refusal.status == .invalidArgument)
            }
            let stats = try await client.admin.principleStats(.init())
            #expect(stats.keys == 1 && stats.sets == 5 && stats.bytesMax == 64 << 20)
            #expect(stats.bytes > 0)
        }
    }

    private func addition(_ text: String) -> String? {
        let set = PrincipleSetRecord.with { $0.principles = principles(text) }
        guard case .added(let id) = cache.add(set, to: key) else { return nil }
        return id
    }
}
