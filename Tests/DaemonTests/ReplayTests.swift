import Daemon
import Foundation
import GRPCCore
import Inference
import Store
import SwiftProtobuf
import Testing
import Wire

@Suite("Replies computed again")
struct ReplayTests {
    let store: TinyStore
    let deployments: Deployments

    init() throws {
        store = try TinyStore()
        deployments = store.deployments()
        _ = try store.addHead(.score, as: "meta")
    }

    /// Loads what answered, as a program without the daemon does, and on another number of threads.
    private func report(
        _ request: Grm_V1_ScoreRequest,
        _ reply: Grm_V1_ScoreReply
    ) async throws -> Replay.Report {
        // Over text, as a record is.
        let replay = Replay(
            try Grm_V1_ScoreRequest(jsonString: request.jsonString()),
            try Grm_V1_ScoreReply(jsonString: reply.jsonString())
        )
        let versions = try replay.versions(in: store.catalogue)
        let deployment = try await Replay.deployment(
            of: versions,
            from: store.directory,
            threadCount: 2,
            keyValueBytesMax: 1 << 28
        )
        return try await replay.report(on: deployment)
    }

    private func score(_ request: Grm_V1_ScoreRequest) async throws -> Grm_V1_ScoreReply {
        let daemon = try store.daemon(deployments)
        return try await InProcessDaemon.serve(daemon) { try await $0.scoring.score(request) }
    }

    private func activate(metaRM: String? = nil) async throws {
        _ = try await deployments.activate(grm: "a", metaRM: metaRM, reason: "", uid: 0)
    }

    @Test("Every way of judging, read-out and rule comes out as it was, also after a swap")
    func isEqual() async throws {
        try await activate()
        var requests: [Grm_V1_ScoreRequest] = []
        for mode in [.list, .isolated, .pairwise, .likelihood] as [Grm_V1_JudgingMode] {
            var request = Grm_V1_ScoreRequest.tiny
            request.mode = mode
            request.replyParts = [.text, .tokens]
            if mode == .likelihood {
                request.clearKMax()
                request.clearMaxJudgmentTokens()
            }
            requests.append(request)
        }
        requests[0].readout = .expected
        requests[0].clearSeed()
        requests[1].kMax = 12
        requests[1].stopping = .predicted
        var replies: [Grm_V1_ScoreReply] = []
        for request in requests { replies.append(try await score(request)) }
        _ = try await deployments.activate(grm: "b", metaRM: nil, reason: "", uid: 0)
        for (request, reply) in zip(requests, replies) {
            #expect(try await report(request, reply) == Replay.Report(), "\(request.mode)")
        }
    }

    @Test("Meta scores and what they filter are computed again")
    func filters() async throws {
        try await activate(metaRM: "meta")
        let request = Grm_V1_ScoreRequest.tiny
        let reply = try await score(request)
        #expect(reply.kMeta == 2 && reply.kCounted == 2)
        #expect(reply.versions.metaRm.name == "meta")
        #expect(reply.judgments.allSatisfy { $0.hasMetaScore })
        #expect(try await report(request, reply) == Replay.Report())
        var other = reply
        other.judgments[1].metaScore.negate()
        let found = try await report(request, other).difference
        #expect(found?.field == "judgments[1].meta_score")
    }

    @Test("Kept principles are used again for the samples that used them")
    func keptPrinciples() async throws {
        try await activate()
        var request = Grm_V1_ScoreRequest.tiny
        request.principleReuse = .read
        var reply = try await score(request)
        let principles: [Grm_V1_Principle] = [.with { $0.text = "Be brief." }]
        request.principles = principles
        request.principleReuse = .fixed
        let fixed = try await score(request)
        // The same judgments, said to come from a kept set with the same principles.
        reply.judgments = fixed.judgments
        for place in reply.judgments.indices {
            reply.judgments[place].principleSource = .cached
            reply.judgments[place].principleSetID = "set"
        }
        reply.scores = fixed.scores
        reply.principleSource = .cached
        reply.principleSets = [
            .with {
                $0.id = "set"
                $0.principles = principles
            }
        ]
        request.principles = []
        request.principleReuse = .read
        #expect(try await report(request, reply) == Replay.Report())
        reply.principleSets[0].principles[0].text = "Be long."
        #expect(try await report(request, reply).difference != nil)
    }

    @Test("The last bit of a score is told, and so are the version's template and the seed")
    func findsDifferences() async throws {
        try await activate()
        var request = Grm_V1_ScoreRequest.tiny
        request.readout = .expected
        let reply = try await score(request)
        var other = reply
        other.judgments[2].scores[1] = reply.judgments[2].scores[1].nextUp
        let bit = try await report(request, other).difference
        #expect(bit?.field == "judgments[2].scores[1]")
        #expect(bit?.recorded == "\(other.judgments[2].scores[1])")
        #expect(bit?.recomputed == "\(reply.judgments[2].scores[1])")
        other = reply
        other.scores[0].rank = 7
        #expect(try await report(request, other).difference?.field == "scores[0].rank")
        other = reply
        other.seed += 1
        #expect(
            try await report(request, other).difference?.field.hasPrefix("judgments[0]") == true
        )
        other = reply
        other.versions.templateDigest = "x"
        let template = try await report(request, other).difference
        #expect(template?.field == "versions.template_digest" && template?.recorded == "x")
        other = reply
        other.judgments.removeLast()
        #expect(try await report(request, other).difference?.field == "judgments[3]")
        other = reply
        other.versions.grm.digest = String(repeating: "0", count: 64)
        let error = await #expect(throws: StoreError.self) { try await report(request, other) }
        #expect(error?.code == .notFound)
    }

    @Test("A run cut short is computed as far as it went, less what the deadline ended")
    func cutShort() async throws {
        try await activate()
        var request = Grm_V1_ScoreRequest.tiny
        request.kMax = 2
        request.maxJudgmentTokens = 0
        var reply = try await score(request)
        request.kMax = 64
        request.stopping = .guaranteed
        request.stopRisk = 0.1
        request.scoreWidth = 0.01
        reply.stopReason = .load
        reply.kLimit = 2
        let whole = try await report(request, reply)
        #expect(whole.difference == nil && whole.notComparable.count == 1)
        var wrong = reply
        wrong.scores[1].mean += 1
        #expect(try await report(request, wrong).difference?.field == "scores[1].mean")
        // The second one ended in mid-sentence, with other scores than it comes to.
        reply.stopReason = .deadline
        #expect(reply.judgments.allSatisfy { !$0.truncated })
        reply.judgments[1].truncated = true
        reply.judgments[1].scores = [11, 11]
        let partial = try await report(request, reply)
        #expect(partial.difference == nil)
        #expect(partial.notComparable.contains { $0.hasPrefix("judgments[1]") })
        #expect(partial.notComparable.contains { $0.hasPrefix("scores") })
        reply.judgments[0].order = [5]
        let found = try await report(request, reply).difference
        #expect(found?.field.hasPrefix("judgments[0].order") == true)
        // A rule that stops right after the deadline is what the reply names; the text is short.
        var ruled = try await score(.tiny)
        ruled.judgments[2].truncated = true
        ruled.judgments[2].generatedTokens = 5
        ruled.judgments[2].scores = [11, 11]
        let short = try await report(.tiny, ruled)
        #expect(short.difference == nil)
        #expect(short.notComparable.contains { $0.hasPrefix("judgments[2]") })
    }
}
