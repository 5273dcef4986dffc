import Foundation
import Store
import SwiftProtobuf
import Testing

@Suite("The principle cache")
struct PrincipleCacheTests {
    private let place = TemporaryCache()
    private let key = principleKey(1)

    @Test("What was added is there again after a restart, under its key and no other")
    func survives() throws {
        let id: String
        do {
            let cache = try place.open()
            id = try #require(cache.add(.plain("Right?", "Short?"), to: key).id)
            #expect(cache.add(.plain("Right?", "Short?"), to: key) == .duplicate(id))
            #expect(cache.add(.plain("Right?Short?"), to: key) != .duplicate(id))
        }
        let cache = try place.open()
        let sets = cache.sets(of: key)
        #expect(sets.count == 2)
        #expect(sets.first { $0.id == id }?.texts == ["Right?", "Short?"])
        #expect(sets.allSatisfy { $0.createdUnixSeconds == 1_000_000 })
        #expect(cache.sets(of: principleKey(2)).isEmpty)
        #expect(cache.statistics.hits == 1 && cache.statistics.misses == 1)
        #expect(cache.statistics.sets == 2 && cache.statistics.keys == 1)
        #expect(cache.statistics.rebuilds == 0 && place.events.isEmpty, "\(place.events)")
    }

    @Test("Sets come best first: pinned, then by mean meta score, then the newer")
    func ranks() throws {
        let cache = try place.open()
        var ids: [String] = []
        for name in ["good", "bad", "old", "pinned", "lucky"] {
            ids.append(try #require(cache.add(.plain(name), to: key).id))
            place.advance(bySeconds: 1)
        }
        _ = try #require(cache.add(.plain("new"), to: key).id)
        cache.note(
            uses: (0..<10).map { _ in .init(setID: ids[0], metaScore: 0.9) }
                + [.init(setID: ids[1], metaScore: 0.1), .init(setID: ids[1])]
                + [.init(setID: ids[4], metaScore: 1), .init(setID: "gone", metaScore: 1)],
            of: key
        )
        #expect(try cache.pin(ids[3], of: key, isPinned: true).pinned)
        let sets = cache.sets(of: key)
        // One lucky judgment, (1 + .5) / 2, stands below ten good ones, (9 + .5) / 11.
        #expect(sets.map(\.texts) == [["pinned"], ["good"], ["lucky"], ["new"], ["old"], ["bad"]])
        #expect(sets[1].uses == 10 && sets[1].metaCount == 10)
        #expect(abs(sets[1].metaScore - 0.9) < 1e-12)
        #expect(sets[5].uses == 2 && sets[5].metaCount == 1)
    }

    private static let refused: [PrincipleSetRecord] = [
        PrincipleSetRecord(), .plain(""), .plain("ok", " \u{200b}\u{2800}\n"),
        .plain(String(repeating: "x", count: 2049)),
        .with { $0.principles = (0..<33).map { n in .with { $0.text = "\(n)" } } },
        .with {
            $0.principles = [
                .with {
                    $0.text = "a"; $0.weight = .nan
                }
            ]
        },
        .with {
            $0.principles = [
                .with {
                    $0.text = "a"; $0.weight = -1
                }
            ]
        },
        .with {
            $0.principles = [
                .with {
                    $0.text = "a"; $0.weight = 1
                }, .with { $0.text = "b" },
            ]
        },
        .with {
            $0.principles = [.with { $0.text = "a" }]; $0.metaScore = .infinity
        },
        .with {
            $0.principles = [.with { $0.text = "a" }]; $0.grmDigest = "../x"
        },
    ]

    @Test("Empty, oversized and malformed sets are never kept", arguments: refused)
    func refuses(set: PrincipleSetRecord) throws {
        let cache = try place.open()
        #expect(cache.add(set, to: key).refusal == .invalid)
        #expect(cache.statistics.sets == 0)
        for key in ["", "x", String(repeating: "A", count: 64), key + "0"] {
            #expect(cache.add(.plain("a"), to: key).refusal == .invalid, "\(key)")
            #expect(cache.sets(of: key).isEmpty)
        }
    }

    @Test("The largest set that is allowed is kept whole")
    func keepsLargest() throws {
        let cache = try place.open()
        let set = PrincipleSetRecord.with {
            $0.principles = (0..<32).map { n in
                .with {
                    $0.text = String(
                        repeating: Character(UnicodeScalar(UInt8(65 + n))),
                        count: 2048
                    )
                    $0.weight = Double(n + 1)
                }
            }
        }
        #expect(cache.add(set, to: key).id != nil)
        #expect(cache.sets(of: key).first?.principles == set.principles)
    }

    @Test("The least recently used sets go first, never pinned ones, until there is room")
    func evicts() throws {
        let cache = try place.open(.init(bytesMax: 40_000))
        var ids: [String] = []
        for number in 0..<40 {
            let key = principleKey(number)
            ids.append(try #require(cache.add(.own(of: key, byteCount: 500), to: key).id))
            place.advance(bySeconds: 1)
        }
        #expect(cache.statistics.evictions == 0)
        _ = try cache.pin(ids[0], of: principleKey(0), isPinned: true)
        place.advance(bySeconds: 1)
        // Read, and so used after all others.
        #expect(cache.sets(of: principleKey(2)).count == 1)
        place.advance(bySeconds: 1)
        var number = 40
        while cache.statistics.evictions == 0 {
            #expect(
                cache.add(.own(of: principleKey(number), byteCount: 500), to: principleKey(number))
                    .id != nil
            )
            number += 1
            try #require(number < 200)
        }
        let gone = (0..<number).filter { cache.sets(of: principleKey($0)).isEmpty }
        #expect(gone.count == cache.statistics.evictions)
        let order = [1] + Array(3..<number)
        #expect(gone == Array(order.prefix(gone.count)), "0 is pinned, 2 was read")
        #expect(cache.statistics.bytes <= 40_000)
    }

    @Test("A cache full of pinned sets refuses more and keeps what it has")
    func allPinned() throws {
        let cache = try place.open(.init(bytesMax: 8000, setsPerKeyMax: 2))
        for number in 0..<2 {
            let id = try #require(
                cache.add(.own(of: key, number: number, byteCount: 900), to: key).id
            )
            _ = try cache.pin(id, of: key, isPinned: true)
        }
        #expect(cache.add(.own(of: key, number: 2), to: key).refusal == .full)
        #expect(
            cache.add(.own(of: principleKey(2), byteCount: 2048), to: principleKey(2)).id != nil
        )
        let large = PrincipleSetRecord.own(of: key, byteCount: 2048)
        #expect(cache.add(large, to: principleKey(3)).id != nil)
        #expect(cache.sets(of: principleKey(2)).isEmpty, "evicted for the one after it")
        #expect(cache.sets(of: key).count == 2)
        #expect(cache.statistics.rebuilds == 0)
    }

    @Test("A full key gives up its least worthy set")
    func fullKey() throws {
        let cache = try place.open(.init(setsPerKeyMax: 3))
        let ids = try (0..<3).map { number in
            try #require(cache.add(.own(of: key, number: number), to: key).id)
        }
        cache.note(uses: [.init(setID: ids[1], metaScore: 0.2)], of: key)
        let new = try #require(cache.add(.own(of: key, number: 3), to: key).id)
        #expect(Set(cache.sets(of: key).map(\.id)) == [ids[0], ids[2], new])
        #expect(cache.statistics.evictions == 1)
    }

    @Test("A set is used until its time is over; a pinned one after that too")
    func expires() throws {
        let cache = try place.open(.init(timeToLiveSeconds: 1000))
        let pinned = try #require(cache.add(.plain("pinned"), to: key).id)
        _ = try cache.pin(pinned, of: key, isPinned: true)
        _ = cache.add(.plain("mortal"), to: key)
        place.advance(bySeconds: 999)
        #expect(cache.sets(of: key).count == 2)
        place.advance(bySeconds: 1)
        #expect(cache.sets(of: key).map(\.texts) == [["pinned"]])
        #expect(try cache.entries(countMax: 10).entries.map(\.set.texts) == [["pinned"]])
        #expect(cache.statistics.sets == 2, "reading removes nothing")
        cache.tend()
        #expect(cache.statistics.sets == 1 && cache.statistics.expirations == 1)
        #expect(cache.add(.plain("mortal"), to: key).id != nil, "it may come again")
        // A clock that goes back makes nothing old.
        place.advance(bySeconds: -500_000)
        #expect(cache.sets(of: key).count == 2)
    }

    @Test("Reading writes nothing; times of use are written by tending and order evictions later")
    func batchesTimes() throws {
        do {
            let cache = try place.open()
            _ = cache.add(.plain("a"), to: key)
            let before = try Data(contentsOf: URL(fileURLWithPath: place.file))
            place.advance(bySeconds: 5000)
            for _ in 0..<100 { #expect(cache.sets(of: key).count == 1) }
            #expect(try Data(contentsOf: URL(fileURLWithPath: place.file)) == before)
            cache.tend()
            #expect(try Data(contentsOf: URL(fileURLWithPath: place.file)) != before)
            let after = try Data(contentsOf: URL(fileURLWithPath: place.file))
            place.advance(bySeconds: 100)
            _ = cache.sets(of: key)
            cache.tend()
            #expect(try Data(contentsOf: URL(fileURLWithPath: place.file)) == after, "too soon")
        }
        let cache = try place.open()
        #expect(try cache.show(key).first?.lastUsedUnixSeconds == 1_005_000)
    }

    @Test("A smaller limit evicts what is above it when the cache is opened")
    func shrinks() throws {
        do {
            let cache = try place.open()
            for number in 0..<50 {
                _ = cache.add(
                    .own(of: principleKey(number), byteCount: 1000),
                    to: principleKey(number)
                )
                place.advance(bySeconds: 1)
            }
        }
        let cache = try place.open(.init(bytesMax: 20_000))
        #expect(cache.statistics.bytes <= 20_000 && cache.statistics.sets > 10)
        #expect(cache.sets(of: principleKey(49)).count == 1)
        #expect(cache.sets(of: principleKey(0)).isEmpty)
        #expect(cache.statistics.rebuilds == 0)
    }

    @Test(
        "However much is added, the file stays within its bound and nothing is lost but by eviction"
    )
    func staysBounded() throws {
        let bytesMax = 300_000
        let cache = try place.open(.init(bytesMax: bytesMax, setsPerKeyMax: 4))
        var random = SystemRandomNumberGenerator()
        for number in 0..<4000 {
            let key = principleKey(number % 700)
            let bytes = number % 5 == 0 ? 2048 : Int.random(in: 80...900, using: &random)
            let set = PrincipleSetRecord.own(of: key, number: number, byteCount: bytes)
            let addition = cache.add(set, to: key)
            #expect(addition.id != nil, "\(addition)")
            #expect(cache.statistics.bytes <= bytesMax)
        }
        let length = try Data(contentsOf: URL(fileURLWithPath: place.file)).count
        #expect(length <= 3 * bytesMax + (8 << 20))
        #expect(cache.statistics.rebuilds == 0 && cache.statistics.refusedWrites == 0)
        #expect(cache.statistics.evictions + cache.statistics.sets == 4000)
    }
}
