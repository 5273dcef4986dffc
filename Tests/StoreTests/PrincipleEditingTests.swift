import Store
import SwiftProtobuf
import Testing

@Suite("The principle cache, set by set")
struct PrincipleEditingTests {
    private let place = TemporaryCache()
    private let key = principleKey(1)

    @Test(
        "Pages hold every set once, in order, whatever the size of a page",
        arguments: [1, 3, 7, 100]
    )
    func pages(count: Int) throws {
        let cache = try place.open()
        var expected: Set<String> = []
        for number in 0..<20 {
            for set in 0..<(number % 3 + 1) {
                let key = principleKey(number * 7)
                expected.insert("\(key) \(set) ")
                _ = cache.add(.own(of: key, number: set, byteCount: 0), to: key)
            }
        }
        var found: [PrincipleCache.Entry] = []
        var token: String?
        repeat {
            let page = try cache.entries(after: token, countMax: count)
            #expect(page.entries.count <= count)
            found += page.entries
            token = page.next
        } while token != nil
        #expect(found.count == expected.count)
        #expect(Set(found.flatMap(\.set.texts)) == expected)
        #expect(found.map { $0.key + $0.set.id } == found.map { $0.key + $0.set.id }.sorted())
        let some = try cache.entries(prefix: "00003", countMax: 100).entries
        #expect(!some.isEmpty && some.allSatisfy { $0.key.hasPrefix("00003") })
        #expect(some.count == found.count { $0.key.hasPrefix("00003") })
    }

    @Test("What cannot be a prefix or a token is refused")
    func refusesTokens() throws {
        let cache = try place.open()
        for prefix in ["g", "A", "/", String(repeating: "0", count: 65)] {
            #expect(try code { _ = try cache.entries(prefix: prefix, countMax: 1) } == .invalid)
        }
        for token in ["x", "/", key, key + "/", key + "/" + String(repeating: "g", count: 16)] {
            #expect(try code { _ = try cache.entries(after: token, countMax: 1) } == .invalid)
        }
    }

    @Test("An edited set has the id of its text, no scores, and its pin")
    func edits() throws {
        let cache = try place.open()
        let old = try #require(cache.add(.plain("old"), to: key).id)
        let other = try #require(cache.add(.plain("other"), to: key).id)
        cache.note(uses: [.init(setID: old, metaScore: 1)], of: key)
        _ = try cache.pin(old, of: key, isPinned: true)
        let text = PrincipleSetRecord.plain("new").principles
        let new = try cache.edit(old, of: key, principles: text)
        #expect(new.id != old && new.id == PrincipleSetRecord.id(of: text))
        #expect(new.pinned && new.uses == 0 && new.metaCount == 0)
        #expect(Set(cache.sets(of: key).map(\.id)) == [new.id, other])
        #expect(
            try code {
                _ = try cache.edit(
                    new.id,
                    of: key,
                    principles: PrincipleSetRecord.plain("other").principles
                )
            } == .alreadyExists
        )
        #expect(try code { _ = try cache.edit(old, of: key, principles: text) } == .notFound)
        #expect(try code { _ = try cache.edit(new.id, of: key, principles: []) } == .invalid)
        #expect(Set(cache.sets(of: key).map(\.id)) == [new.id, other])
    }

    @Test("Pins and deletions take what is named, and nothing that is not there")
    func deletes() throws {
        let cache = try place.open()
        let ids = try ["a", "b", "c"].map { try #require(cache.add(.plain($0), to: key).id) }
        _ = cache.add(.plain("a"), to: principleKey(2))
        _ = try cache.pin(ids[0], of: key, isPinned: true)
        #expect(try !cache.pin(ids[0], of: key, isPinned: false).pinned)
        #expect(try code { _ = try cache.pin("x", of: key, isPinned: true) } == .notFound)
        #expect(try cache.delete(ids[1], of: key) == 1)
        #expect(try code { _ = try cache.delete(ids[1], of: key) } == .notFound)
        #expect(try cache.delete(nil, of: key) == 2)
        #expect(try code { _ = try cache.delete(nil, of: key) } == .notFound)
        #expect(cache.sets(of: principleKey(2)).count == 1)
        #expect(cache.statistics.sets == 1 && cache.statistics.keys == 1)
    }
}
