import Daemon
import GRPCCore
import MetricsTestKit
import Scoring
import SwiftProtobuf
import Testing
import Wire

@Suite("Reward health of a deployment")
struct RewardHealthTests {
    @Test("The status counts what the verdicts held, and anew after a swap")
    func counts() async throws {
        let store = try TinyStore()
        let deployments = store.deployments()
        _ = try await deployments.activate(grm: "a", metaRM: nil, reason: "", uid: 0)
        let daemon = try store.daemon(deployments)
        try await InProcessDaemon.serve(daemon) { client in
            let empty = try await client.admin.status(.init())
            #expect(empty.rewardHealth == .init())
            var request = Grm_V1_ScoreRequest.tiny
            request.responses.append(.with { $0.content = "" })
            let reply = try await client.scoring.score(request)
            let health = try await client.admin.status(.init()).rewardHealth
            #expect(health.decisions == 1 && health.judgments == 4 && health.scores == 12)
            #expect(health.ties == (reply.scores.count { $0.rank == 1 } > 1 ? 1 : 0))
            let high = reply.judgments.reduce(0) { $0 + $1.scores.count { $0 >= 9 } }
            #expect(health.scoresHigh == UInt64(high))
            #expect(health.hasPositionEffect && health.positionPairs == 2)
            #expect(health.judgmentsTruncated == UInt64(reply.judgments.count(where: \.truncated)))
            #expect(health.kHistogram.map(\.least) == [4] && health.kHistogram[0].count == 1)
            #expect(health.metaHistogram.isEmpty && health.judgmentsSaved == 0)
            #expect(health.flags.map(\.flag) == [.empty] && health.flags[0].count == 1)
            _ = try await client.admin.activate(.with { $0.grm = "b" })
            let swapped = try await client.admin.status(.init()).rewardHealth
            #expect(swapped == .init())
        }
    }

    @Test("What a verdict adds is added to the counters of the program's metrics")
    func exports() async throws {
        let store = try TinyStore(versions: ["a"])
        let deployments = store.deployments()
        let deployment = try await deployments.activate(
            grm: "a",
            metaRM: nil,
            reason: "",
            uid: 0
        ).new
        let backend = TestMetrics()
        let metrics = RewardMetrics(judge: "a", factory: backend)
        var health = RewardHealth()
        for seed in [1, 2] as [UInt64] {
            var draft = ScoreRequestDraft.tiny
            draft.seed = seed
            let request = try draft.checked()
            let outcome = try await ScoreOperation(request, deployment: deployment).run()
            let before = health
            health.add(outcome.verdict, of: request, principleHits: 3)
            metrics.add(from: before, to: health)
        }
        let dimensions = [("judge", "a")]
        let judgments = try backend.expectCounter("grm_reward_judgments", dimensions)
        #expect(judgments.totalValue == 8 && judgments.values == [4, 4])
        let hits = try backend.expectCounter("grm_reward_principle_hits", dimensions)
        #expect(hits.totalValue == 6)
        let scores = try backend.expectCounter("grm_reward_scores", dimensions)
        #expect(scores.totalValue == Int64(health.scores))
        let saved = try backend.expectCounter("grm_reward_tokens_saved", dimensions)
        #expect(saved.values.isEmpty)
    }
}
