import Daemon
import Foundation
import GRPCCore
import Inference
import Store
import SwiftProtobuf
import Testing
import Wire

@Suite("Ways of judging, from call to reply")
struct JudgingModeTests {
    let store: TinyStore
    let deployments: Deployments

    init() async throws {
        store = try TinyStore(versions: ["a"])
        deployments = store.deployments()
        _ = try await deployments.activate(grm: "a", metaRM: nil, reason: "", uid: 0)
    }

    private func reply(
        _ change: @escaping @Sendable (inout Grm_V1_ScoreRequest) -> Void
    ) async throws -> Grm_V1_ScoreReply {
        let daemon = try store.daemon(deployments)
        var request = Grm_V1_ScoreRequest.tiny
        change(&request)
        return try await InProcessDaemon.serve(daemon) { [request] in
            try await $0.scoring.score(request)
        }
    }

    private static let texts = ["Paris.", "Lyon, I think.", "Who knows?"]

    @Test("Isolated: a response gets the same judgments whatever it is judged with")
    func isolated() async throws {
        let among = try await reply {
            $0.mode = .isolated
            $0.replyParts = [.text]
            $0.responses = (Self.texts + [Self.texts[0]]).map { text in .with { $0.content = text }
            }
        }
        #expect(among.mode == .isolated && among.kDrawn == 4)
        #expect(among.scores[0].total == among.scores[3].total)
        #expect(among.scores[0].mean == among.scores[3].mean)
        for (index, text) in Self.texts.enumerated() {
            let alone = try await reply {
                $0.mode = .isolated
                $0.replyParts = [.text]
                $0.responses = [.with { $0.content = text }]
            }
            #expect(alone.scores[0].total == among.scores[index].total)
            #expect(alone.judgments.map(\.text) == among.judgments.map { $0.parts[index].text })
        }
        for judgment in among.judgments {
            #expect(judgment.parts.map(\.order) == [[0], [1], [2]])
            #expect(judgment.order.isEmpty && judgment.text.isEmpty)
            #expect(
                judgment.generatedTokens
                    == judgment.parts.reduce(0) { $0 + $1.generatedTokens }
            )
        }
    }

    @Test("Without a critique the score comes at once; expected, one judgment says all")
    func direct() async throws {
        let sampled = try await reply {
            $0.mode = .isolated
            $0.maxJudgmentTokens = 0
            $0.kMax = 16
            $0.replyParts = [.text]
        }
        #expect(sampled.kDrawn == 16)
        for part in sampled.judgments.flatMap(\.parts) {
            #expect(part.text.hasPrefix("Scores: \\boxed{") && part.text.hasSuffix("}"))
            #expect(!part.truncated && part.scores.count == 1)
        }
        let expected = try await reply {
            $0.mode = .isolated
            $0.maxJudgmentTokens = 0
            $0.clearKMax()
            $0.readout = .expected
        }
        #expect(expected.kDrawn == 1)
        #expect(expected.scores.allSatisfy { $0.mean > 1 && $0.mean < 10 && !$0.hasTotal })
        // The mean of many draws comes near the mean of the distribution.
        for (drawn, mean) in zip(sampled.scores, expected.scores) {
            #expect(abs(drawn.mean - mean.mean) < 4 * 4.5 / 4, "\(drawn.mean) and \(mean.mean)")
        }
    }

    @Test("Pairwise: every pair in both orders, wins between 0 and 1")
    func pairwise() async throws {
        let reply = try await reply {
            $0.mode = .pairwise
            $0.replyParts = [.text]
            $0.responses = Self.texts.map { text in .with { $0.content = text } }
        }
        #expect(reply.kDrawn == 4 && !reply.scores[0].hasTotal)
        #expect(abs(reply.scores.reduce(0) { $0 + $1.mean } - 1.5) < 1e-9)
        for judgment in reply.judgments {
            #expect(judgment.parts.count == 3)
            #expect(judgment.parts.allSatisfy { $0.text.contains("Better: \\boxed{") })
            #expect(judgment.parts.allSatisfy { Set($0.scores) == [0, 1] })
        }
        let probability = try await self.reply {
            $0.mode = .tokenProbability
            $0.clearKMax()
            $0.clearMaxJudgmentTokens()
        }
        #expect(probability.kDrawn == 1 && probability.readout == .expected)
        #expect(abs(probability.scores[0].mean + probability.scores[1].mean - 1) < 1e-6)
        #expect(probability.scores[0].mean != 0.5)
    }

    @Test("Likelihood is the engine's own mean log-probability, and generates nothing")
    func likelihood() async throws {
        let reply = try await reply {
            $0.mode = .likelihood
            $0.clearKMax()
            $0.clearMaxJudgmentTokens()
            $0.responses = ["Paris.", "", "Paris."].map { text in .with { $0.content = text } }
        }
        #expect(reply.usage.generatedTokens == 0)
        #expect(reply.scores.allSatisfy { $0.mean < 0 && $0.mean.isFinite })
        #expect(reply.scores[0].mean == reply.scores[2].mean)
        #expect(reply.scores[0].mean != reply.scores[1].mean)
    }

    @Test("A head that the model has not is refused, not made up")
    func noHead() async throws {
        let daemon = try store.daemon(deployments)
        try await InProcessDaemon.serve(daemon) { client in
            for mode in [Grm_V1_JudgingMode.scalar, .semiScalar] {
                let refusal = try await client.refusal {
                    _ = try await $0.scoring.score(
                        .with {
                            $0.conversation = Grm_V1_ScoreRequest.tiny.conversation
                            $0.responses = Grm_V1_ScoreRequest.tiny.responses
                            $0.mode = mode
                        }
                    )
                }
                #expect(refusal.detail.code == .notSupported)
                #expect(refusal.detail.expected.contains("scalar head"))
            }
        }
    }

    @Test("A reply comes before its deadline, with the judgments that were ready")
    func deadline() async throws {
        let daemon = try store.daemon(deployments)
        try await InProcessDaemon.serve(daemon) { client in
            // What a judgment takes is known after the first.
            _ = try await client.scoring.score(.tiny)
            for milliseconds in [400, 800] as [Int64] {
                // Other tests may hold the cores for longer than the call has: then once more.
                var reply: Grm_V1_ScoreReply?
                for _ in 0..<8 where reply == nil {
                    reply = try await replyInTime(client, milliseconds: milliseconds)
                }
                let found = try #require(reply, "no reply within \(milliseconds) ms, eight times")
                #expect(found.stopReason == .deadline, "\(found.stopReason)")
                #expect(found.kDrawn >= 1 && found.kDrawn <= 64)
                #expect(found.judgments.allSatisfy { $0.outcome == .scored })
            }
        }
        #expect(try await eventually { daemon.admission.load == (0, 0) })
    }

    /// The reply to a call that has so long; nil if there is none within 50 ms after that.
    private func replyInTime(
        _ client: InProcessDaemon,
        milliseconds: Int64
    ) async throws -> Grm_V1_ScoreReply? {
        var options = CallOptions.defaults
        options.timeout = .milliseconds(milliseconds)
        let start = ContinuousClock.now
        do {
            let reply = try await client.scoring.score(.long, options: options)
            return ContinuousClock.now - start <= .milliseconds(milliseconds + 50) ? reply : nil
        } catch let error as RPCError where error.code == .deadlineExceeded {
            return nil
        }
    }

    @Test("Load lowers the number of judgments, never below k_min, and says so")
    func load() async throws {
        let daemon = try store.daemon(deployments, settings: ["limits.requests": "4"])
        try await InProcessDaemon.serve(daemon) { client in
            var request = Grm_V1_ScoreRequest.tiny
            (request.kMin, request.kMax) = (2, 8)
            let free = try await client.scoring.score(request)
            #expect(free.kDrawn == 8 && !free.hasKLimit && free.stopReason == .kMax)
            let others = (0..<3).map { _ in Task { try await client.scoring.score(.long) } }
            #expect(try await eventually { daemon.admission.load.requests == 3 })
            let lowered = try await client.scoring.score(request)
            #expect(lowered.kDrawn == 2 && lowered.stopReason == .load && lowered.kLimit == 2)
            request.kMin = 8
            #expect(try await client.scoring.score(request).kDrawn == 8)
            for other in others { _ = try await other.value }
        }
    }
}
