import Foundation
import Inference
import Scoring
import Store
import Testing

@testable import Daemon

@Suite("The meta-RM of a deployment")
struct MetaRMTests {
    /// Other words than the standard template's.
    static let template = #"""
        {{score line}}
        Marks: \boxed{
        {{end}}
        {{turn user}}
        {{for message}}
        {{role}}: {{content}}
        {{end}}
        {{split}}
        {{for principle}}
        {{content}}
        {{end}}
        {{split}}
        {{for response}}
        {{label}}: {{content}}
        {{end}}
        {{if direct}}
        At once: {{score form}}
        {{end}}
        {{end}}
        {{answer}}
        So:

        """#

    let store: TinyStore
    let deployments: Deployments

    init() throws {
        store = try TinyStore()
        deployments = store.deployments()
        _ = try store.addHead(.score, as: "meta") { $0.promptTemplate = Self.template }
    }

    private func activate(
        _ name: String = "a",
        metaRM: String? = "meta"
    ) async throws -> Deployment {
        try await deployments.activate(grm: name, metaRM: metaRM, reason: "", uid: 0).new
    }

    private func request(
        on deployment: Deployment,
        change: (inout ScoreRequestDraft) -> Void = { _ in }
    ) throws -> ScoreRequest {
        var draft = ScoreRequestDraft.tiny
        change(&draft)
        return try ScoreRequest(
            validating: draft,
            limits: ScoringLimits(),
            defaults: deployment.scoringDefaults,
            freshSeed: 1
        )
    }

    private func reading(
        _ order: [Int],
        _ text: String,
        principles: [Principle] = [],
        isDirect: Bool = false
    ) -> MetaScoring.Reading {
        let shown = PromptCase(.scores, order: order, isDirect: isDirect)
        return MetaScoring.Reading(shown: shown, principles: principles, text: text)
    }

    private func scoring(
        _ request: ScoreRequest,
        on deployment: Deployment
    ) throws -> MetaScoring {
        let orders = [[0, 1], [1, 0]]
        let cases = orders.map { PromptCase(.scores, order: $0) }
        return try #require(try MetaScoring(request, on: deployment, cases: cases))
    }

    private func code(_ body: () async throws -> Any) async -> (DaemonError.Code, String)? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? DaemonError).map { ($0.code, $0.subject) }
        }
    }

    /// Every token that the meta-RM sees of a judgment, put together by hand.
    private func tokens(
        _ request: ScoreRequest,
        _ reading: MetaScoring.Reading,
        answer: String,
        on deployment: Deployment
    ) throws -> [TokenID] {
        let judge = try #require(deployment.metaRM?.judge)
        let prompt = judge.template.prompt(
            for: request,
            reading.shown,
            principles: reading.principles
        )
        var tokens = judge.tokenizer.addsBegin ? [judge.tokenizer.beginID].compactMap(\.self) : []
        for piece in prompt.pieces {
            switch piece {
            case .turnStart(let role): tokens += judge.markup.turnStart(role: role.rawValue)
            case .turnEnd: tokens += judge.markup.turnEnd
            case .template(let text), .content(let text): tokens += judge.tokenizer.encode(text)
            }
        }
        return tokens + judge.tokenizer.encode(answer) + judge.markup.turnEnd
    }

    private func probability(_ tokens: [TokenID], on deployment: Deployment) async throws -> Double
    {
        let report = try await deployment.engine.complete(
            CompletionRequest(
                prompts: [[tokens]],
                samples: [
                    .init(
                        prompt: 0,
                        plan: GenerationPlan(head: .score),
                        sampling: SamplingParameters(temperature: 0, topP: 1),
                        random: CounterRandom(seed: 0, sample: 0)
                    )
                ]
            ),
            on: MetaRM.place
        )
        let logit = try #require(report.completions.first?.readings.headValue)
        return 1 / (1 + exp(-Double(logit)))
    }

    @Test("It reads its own prompt in the judge's order, then what the judge wrote as a whole turn")
    func readsJudgments() async throws {
        let deployment = try await activate()
        let request = try request(on: deployment)
        let principles = [Principle(text: "Be brief.")]
        let readings = [
            reading([0, 1], "The first is right.\nScores: \\boxed{9, 2}"),
            reading([1, 0], "The first is right.\nScores: \\boxed{9, 2}"),
            reading([1, 0], "The second is right.\nScores: \\boxed{2, 9}"),
            reading([0, 1], "Scores: \\boxed{9, 2}", principles: principles),
        ]
        let outcome = try await scoring(request, on: deployment).scores(of: readings)
        #expect(Set(outcome.scores).count == 4, "four different judgments")
        var segments: Set<[TokenID]> = []
        for (reading, score) in zip(readings, outcome.scores) {
            let whole = try tokens(request, reading, answer: reading.text, on: deployment)
            let expected = try await probability(whole, on: deployment)
            #expect(abs(try #require(score) - expected) < 1e-6)
            segments.insert(whole)
        }
        #expect(outcome.scores.allSatisfy { ($0 ?? 0) > 0 && ($0 ?? 1) < 1 })
        #expect(outcome.cost.metaSeconds > 0)
        let apart = segments.reduce(0) { $0 + $1.count }
        #expect(outcome.cost.metaTokens < apart, "judgments of one order share its prompt")
    }

    @Test("A judgment without a critique is read behind the opening that its prompt ends with")
    func readsDirect() async throws {
        let deployment = try await activate()
        let request = try request(on: deployment) { $0.maxJudgmentTokens = 0 }
        let direct = reading([0, 1], "Scores: \\boxed{7, 3}", isDirect: true)
        let scoring = try #require(
            try MetaScoring(request, on: deployment, cases: [direct.shown])
        )
        let outcome = try await scoring.scores(of: [direct])
        let whole = try tokens(request, direct, answer: "7, 3}", on: deployment)
        let expected = try await probability(whole, on: deployment)
        #expect(abs(try #require(outcome.scores[0]) - expected) < 1e-6)
    }

    @Test("A judgment that outgrows its context has no score, and the others keep theirs")
    func leavesOutTheLong() async throws {
        let deployment = try await activate()
        let scoring = try scoring(request(on: deployment), on: deployment)
        let long = String(repeating: "qzx ", count: 4000)
        let short = reading([0, 1], "Scores: \\boxed{9, 2}")
        let alone = try await scoring.scores(of: [short])
        let outcome = try await scoring.scores(
            of: [
                reading([0, 1], long), short, reading([1, 0], long),
                reading([0, 1], "Scores: \\boxed{1, 2}", principles: [Principle(text: long)]),
            ]
        )
        #expect(outcome.scores == [nil, alone.scores[0], nil, nil])
        let none = try await scoring.scores(of: [reading([0, 1], long)])
        #expect(none.scores == [nil] && none.cost.metaTokens == 0)
    }

    @Test("A request too long for the meta-RM is refused before it is judged")
    func refusesLongRequests() async throws {
        _ = try store.addHead(.score, as: "short") { $0.hyperparameters.contextTokens = 1024 }
        let deployment = try await activate(metaRM: "short")
        let request = try request(on: deployment) {
            $0.responses[0].content = String(repeating: "qzx ", count: 600)
        }
        let error = #expect(throws: InferenceError.self) {
            try scoring(request, on: deployment)
        }
        #expect(error?.code == .contextOverflow)
    }

    @Test("Without a filter or without a second model nothing is read")
    func readsNothing() async throws {
        let deployment = try await activate()
        let single = try request(on: deployment) { $0.kMax = 1 }
        let shown = [PromptCase(.scores, order: [0, 1])]
        #expect(try MetaScoring(single, on: deployment, cases: shown) == nil)
        let filtered = try request(on: deployment)
        let plain = try await activate(metaRM: nil)
        #expect(try MetaScoring(filtered, on: plain, cases: shown) == nil)
    }

    @Test("The filter of a request that sets none: the calibrated threshold, or the better half")
    func defaultFilter() async throws {
        let half = try request(on: try await activate())
        #expect(half.kMeta == 2 && half.metaThreshold == nil)
        _ = try store.addHead(.score, as: "calibrated") { $0.metaThreshold = 0.375 }
        let calibrated = try await activate(metaRM: "calibrated")
        let request = try request(on: calibrated)
        #expect(request.kMeta == nil && request.metaThreshold == 0.375)
        let asked = try self.request(on: calibrated) { $0.kMeta = 3 }
        #expect(asked.kMeta == 3 && asked.metaThreshold == nil)
        let plain = try await activate(metaRM: nil)
        #expect(try self.request(on: plain).metaThreshold == nil)
        #expect(throws: ScoringError.self) { try self.request(on: plain) { $0.kMeta = 3 } }
        _ = try store.addHead(.probe, to: "a", as: "probed") { $0.metaThreshold = 0.25 }
        let probed = try await activate("probed", metaRM: nil)
        #expect(probed.hasProbe && probed.judge.readsProbe)
        #expect(try self.request(on: probed).metaThreshold == 0.25)
        let both = try await activate("probed", metaRM: "calibrated")
        #expect(both.hasProbe && !both.judge.readsProbe)
        #expect(try self.request(on: both).metaThreshold == 0.375)
    }

    @Test("Judge and meta-RM are activated, rolled back and loaded at a start together")
    func goesTogether() async throws {
        let first = try await activate()
        #expect(first.record.metaRmName == "meta")
        #expect(first.metaRM?.version.digest == first.record.metaRmDigest)
        #expect(first.engine.models.count == 2)
        let second = try await activate("b", metaRM: nil)
        #expect(second.metaRM == nil && second.engine.models.count == 1)
        let back = try await deployments.rollback(reason: "", uid: 0).new
        #expect(back.version.manifest.name == "a")
        #expect(back.metaRM?.version.manifest.name == "meta")
        let restarted = store.deployments()
        #expect(try await restarted.loadCurrent())
        #expect(restarted.current?.metaRM?.version.digest == first.record.metaRmDigest)
        let asked = try request(on: back)
        #expect(
            try await scoring(asked, on: back).scores(of: [reading([0, 1], "x")]).scores[0] != nil
        )
        #expect(
            try await eventually { await deployments.statistics().samplesRunning == 0 }
        )
    }

    @Test("What is no meta-RM is refused as one, and a meta-RM as a judge; the old one serves on")
    func refusesUnfit() async throws {
        let old = try await activate()
        let judge = await code { try await activate(metaRM: "b") }
        #expect(judge?.0 == .versionUnusable && judge?.1 == "meta-RM b")
        let filter = await code { try await activate("meta", metaRM: nil) }
        #expect(filter?.0 == .versionUnusable && filter?.1 == "version meta")
        _ = try store.addHead(.probe, as: "headless") { $0.role = "meta-rm" }
        let headless = await code { try await activate(metaRM: "headless") }
        #expect(headless?.0 == .versionUnusable && headless?.1 == "meta-RM headless")
        _ = try store.addHead(.score, weight: { _ in .infinity }, as: "broken")
        let broken = await code { try await activate(metaRM: "broken") }
        #expect(broken?.0 == .versionUnusable && broken?.1 == "version broken")
        _ = try store.addHead(.probe, weight: { _ in .infinity }, to: "a", as: "odd")
        let odd = await code { try await activate("odd", metaRM: nil) }
        #expect(odd?.0 == .versionUnusable && odd?.1 == "version odd")
        #expect(deployments.current === old)
        #expect(try store.catalogue.deployments().count == 1)
    }

    @Test("A damaged meta-RM is found by its digest, and by its name in the refusal")
    func refusesDamage() async throws {
        _ = try await activate()
        let head = try #require(
            Set(try store.catalogue.version("meta").packs)
                .subtracting(try store.catalogue.version("b").packs).first
        )
        let path = store.directory.packPath(head)
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        var bytes = try Data(contentsOf: URL(filePath: path))
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: URL(filePath: path))
        let refusal = await code { try await activate() }
        #expect(refusal?.0 == .versionUnusable && refusal?.1 == "version meta")
        let restarted = store.deployments()
        #expect(await code { try await restarted.loadCurrent() }?.1 == "version meta")
    }
}
