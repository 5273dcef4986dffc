import Inference
import Scoring
import Store
import Testing

@testable import Daemon

@Suite("How a version judges where a request says nothing")
struct VersionDefaultsTests {
    let store: TinyStore
    let deployments: Deployments

    init() throws {
        store = try TinyStore()
        deployments = store.deployments()
    }

    private func activate(
        _ name: String,
        change: (inout GenerationDefaults) -> Void
    ) async throws -> Deployment {
        _ = try store.addHead(.probe, to: "a", as: name) { change(&$0.generation) }
        return try await deployments.activate(grm: name, metaRM: nil, reason: "", uid: 0).new
    }

    private func request(
        on deployment: Deployment,
        change: (inout ScoreRequestDraft) -> Void = { _ in }
    ) throws -> ScoreRequest {
        var draft = ScoreRequestDraft.tiny
        (draft.maxJudgmentTokens, draft.kMax) = (nil, nil)
        change(&draft)
        return try ScoreRequest(
            validating: draft,
            limits: ScoringLimits(),
            defaults: deployment.scoringDefaults,
            freshSeed: 1
        )
    }

    @Test("A version trained to score each response alone does so unless a request says otherwise")
    func ownDefaults() async throws {
        let judge = try await activate("isolated") {
            ($0.mode, $0.readout, $0.maxJudgmentTokens) = ("isolated", "expected", 0)
        }
        let open = try request(on: judge)
        #expect(open.mode == .isolated && open.readout == .expected && open.isDirect)
        let verdict = try await judge.operation(open).run().verdict
        #expect(verdict.judgments.count == 1)
        let asked = try request(on: judge) {
            ($0.mode, $0.readout, $0.maxJudgmentTokens) = (.list, .sampled, 24)
        }
        #expect(asked.mode == .list && asked.readout == .sampled && asked.maxJudgmentTokens == 24)
        // A way that cannot do without a critique keeps grmd's own budget.
        let critique = try request(on: judge) { $0.mode = .semiScalar }
        #expect(critique.maxJudgmentTokens == ScoringDefaults().maxJudgmentTokens)
    }

    @Test("A judge that writes no critiques by default is served beside a meta-RM")
    func besideMetaRM() async throws {
        _ = try store.addHead(.score, as: "meta") { _ in }
        _ = try store.addHead(.probe, to: "a", as: "direct") {
            ($0.generation.mode, $0.generation.maxJudgmentTokens) = ("isolated", 0)
        }
        let pair = try await deployments.activate(grm: "direct", metaRM: "meta", reason: "", uid: 0)
        let filtered = try request(on: pair.new) { $0.kMax = 4 }
        let verdict = try await pair.new.operation(filtered).run().verdict
        #expect(verdict.judgments.count == 4 && verdict.kCounted == 2)
    }

    @Test("A version that says nothing judges as grmd does")
    func grmdDefaults() async throws {
        let judge = try await activate("plain") { _ in }
        let open = try request(on: judge)
        #expect(open.mode == .list && open.readout == .sampled)
        #expect(open.maxJudgmentTokens == ScoringDefaults().maxJudgmentTokens)
    }

    @Test("A way of judging that this release does not know keeps a version from being activated")
    func unknownWay() async throws {
        let error = await #expect(throws: DaemonError.self) {
            try await activate("later") { $0.mode = "by_oracle" }
        }
        #expect(error?.code == .versionUnusable)
        #expect(try #require(error).description.contains("by_oracle"))
    }

    @Test("A way that the version's own template has no words for keeps it from being activated")
    func unspeakableWay() async throws {
        let error = await #expect(throws: DaemonError.self) {
            _ = try store.addHead(.probe, to: "a", as: "wordless") {
                $0.promptTemplate = MetaRMTests.template
                $0.generation.mode = "pairwise"
            }
            _ = try await deployments.activate(grm: "wordless", metaRM: nil, reason: "", uid: 0)
        }
        #expect(error?.code == .versionUnusable)
    }
}
