import Daemon
import Foundation
import GRPCCore
import Import
import Scoring
import Store
import SwiftProtobuf
import Testing
import Wire

@Suite("Kept principles in scoring")
struct PrincipleReuseTests {
    let store: TinyStore
    let deployments: Deployments
    let cache: PrincipleCache

    init() async throws {
        store = try TinyStore()
        deployments = store.deployments()
        _ = try await deployments.activate(grm: "a", metaRM: nil, reason: "", uid: 0)
        cache = try PrincipleCache(folder: store.directory.path + "/principles", limits: .init())
    }

    private static func set(_ texts: String...) -> PrincipleSetRecord {
        .with { $0.principles = texts.map { text in .with { $0.text = text } } }
    }

    /// The key under which principles for a request are kept on what serves now.
    private func key(of request: Grm_V1_ScoreRequest) throws -> String {
        let deployment = try #require(deployments.current)
        return PrincipleKey(
            grmDigest: deployment.version.digest,
            templateDigest: deployment.templateDigest,
            conversation: Conversation([
                .init(role: .user, content: request.conversation[0].content)
            ]),
            reference: request.hasReference ? request.reference : nil
        ).text
    }

    private static func reading(
        _ change: (inout Grm_V1_ScoreRequest) -> Void = { _ in }
    ) -> Grm_V1_ScoreRequest {
        var request = Grm_V1_ScoreRequest.tiny
        request.principleReuse = .read
        request.kMax = 8
        change(&request)
        return request
    }

    @Test("Kept sets are used best first, in pairs, beside fresh ones, and the reply shows them")
    func reads() async throws {
        let daemon = try store.daemon(deployments, principles: cache)
        let request = Self.reading()
        let key = try key(of: request)
        for text in ["Truth", "Wit", "Brevity"] { _ = cache.add(Self.set(text), to: key) }
        let best = cache.sets(of: key)[0].id
        cache.note(uses: [.init(setID: cache.sets(of: key)[2].id, metaScore: 0.9)], of: key)
        let first = cache.sets(of: key)[0].id
        #expect(first != best)
        let reply = try await InProcessDaemon.serve(daemon) { try await $0.scoring.score(request) }
        let sources = reply.judgments.map(\.principleSource)
        #expect(sources.count { $0 == .cached } == 6 && sources.count { $0 == .generated } == 2)
        #expect(reply.principleSource == .unspecified, "the judgments differ")
        for pair in 0..<4 {
            let (one, other) = (reply.judgments[2 * pair], reply.judgments[2 * pair + 1])
            #expect(one.principleSetID == other.principleSetID)
            #expect((one.principleSource == .cached) == !one.principleSetID.isEmpty)
        }
        #expect(reply.judgments[0].principleSetID == first)
        #expect(Set(reply.principleSets.map(\.id)).count == 3)
        #expect(
            Set(reply.principleSets.map { $0.principles[0].text }) == ["Truth", "Wit", "Brevity"]
        )
        #expect(cache.sets(of: key).map(\.uses).reduce(0, +) == 7)
        let health = try #require(deployments.current).rewardHealth
        #expect(health.principleHits == 6 && health.principleMisses == 2)
    }

    @Test("A kept set changes what is judged; off, nothing is looked up")
    func changesPrompts() async throws {
        let daemon = try store.daemon(deployments, principles: cache)
        let request = Self.reading { $0.replyParts = [.text] }
        var off = request
        off.principleReuse = .off
        let before = try await InProcessDaemon.serve(daemon) { [off] client in
            [try await client.scoring.score(request), try await client.scoring.score(off)]
        }
        #expect(before[0].judgments.map(\.text) == before[1].judgments.map(\.text))
        _ = cache.add(Self.set("Truth"), to: try key(of: request))
        let misses = cache.statistics.misses
        let after = try await InProcessDaemon.serve(daemon) { [off] client in
            [try await client.scoring.score(request), try await client.scoring.score(off)]
        }
        #expect(after[0].judgments.map(\.text) != before[0].judgments.map(\.text))
        #expect(after[1].judgments.map(\.text) == before[1].judgments.map(\.text))
        #expect(cache.statistics.misses == misses && cache.statistics.hits == 1)
    }

    @Test("A kept principle never crosses conversation, reference, template or model")
    func neverCrosses() async throws {
        var options = ImportOptions(name: "reworded")
        options.promptTemplate = PromptTemplate.standard.text
            .replacingOccurrences(of: "judge it, obey", with: "judge it; obey")
        _ = try importModel(
            at: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "GoldenTests/Fixtures/tiny-q4_1.gguf").path,
            into: store.directory,
            options: options
        ) { _ in }
        let daemon = try store.daemon(deployments, principles: cache)
        let request = Self.reading()
        _ = cache.add(Self.set("Truth"), to: try key(of: request))
        let others = [
            Self.reading { $0.conversation[0].content += " " },
            Self.reading { $0.conversation[0].role = .system },
            Self.reading { $0.conversation.append($0.conversation[0]) },
            Self.reading { $0.reference = "Paris" },
        ]
        try await InProcessDaemon.serve(daemon) { client in
            func cachedCount(_ request: Grm_V1_ScoreRequest) async throws -> Int {
                let reply = try await client.scoring.score(request)
                #expect(!reply.warnings.contains { $0.code == .principleCacheOff })
                return reply.judgments.count { $0.principleSource == .cached }
            }
            #expect(try await cachedCount(request) == 6)
            for other in others { #expect(try await cachedCount(other) == 0) }
            for version in ["b", "reworded"] {
                _ = try await client.admin.activate(.with { $0.grm = version })
                #expect(try await cachedCount(request) == 0, "\(version)")
            }
            _ = try await client.admin.activate(.with { $0.grm = "a" })
            #expect(try await cachedCount(request) == 6)
        }
    }

    @Test("A judge that writes no criteria leaves nothing behind, and still judges")
    func writesNothingEmpty() async throws {
        let daemon = try store.daemon(deployments, principles: cache)
        for writing in [Grm_V1_PrincipleWriting.conversation, .responses] {
            let request = Self.reading {
                $0.principleReuse = .readWrite
                $0.principleWriting = writing
            }
            let reply = try await InProcessDaemon.serve(daemon) {
                try await $0.scoring.score(request)
            }
            #expect(reply.kDrawn == 8 && reply.principleSource == .generated)
            for set in cache.sets(of: try key(of: request)) {
                #expect(!set.principles.isEmpty)
            }
        }
    }

    @Test("Without the cache the judge writes its own, and the reply warns")
    func cacheOff() async throws {
        let daemon = try store.daemon(deployments)
        let (request, off) = (Self.reading(), Self.reading { $0.principleReuse = .off })
        let replies = try await InProcessDaemon.serve(daemon) { client in
            [try await client.scoring.score(request), try await client.scoring.score(off)]
        }
        let warned = replies.map { $0.warnings.contains { $0.code == .principleCacheOff } }
        #expect(warned == [true, false])
        #expect(replies[0].scores == replies[1].scores)
    }

    @Test("Criteria that are kept are whole, few, and all weighted or none")
    func usable() {
        let four = (1...4).map { Principle(text: "p\($0)", weight: 25) }
        #expect(CriteriaWriting.usable(four, isTruncated: false) == four)
        #expect(CriteriaWriting.usable(four, isTruncated: true) == Array(four.prefix(3)))
        #expect(CriteriaWriting.usable([four[0]], isTruncated: true) == nil)
        #expect(CriteriaWriting.usable([], isTruncated: false) == nil)
        let mixed = [four[0], Principle(text: "x")]
        #expect(CriteriaWriting.usable(mixed, isTruncated: false)?.map(\.weight) == [nil, nil])
        let many = (0..<20).map { Principle(text: "\($0)") }
        #expect(CriteriaWriting.usable(many, isTruncated: false)?.count == 8)
    }
}
