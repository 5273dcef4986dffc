import Testing

@testable import Scoring

struct ScoreRequestTests {
    @Test("A bare draft gets the defaults and the fresh seed")
    func defaults() throws {
        let request = try makeRequest()
        #expect(request.kMin == 1)
        #expect(request.kMax == 8)
        #expect(request.temperature == 0.5)
        #expect(request.topP == 1)
        #expect(request.maxJudgmentTokens == 192)
        #expect(request.mode == .list)
        #expect(request.readout == .sampled)
        #expect(request.principleReuse == .off)
        #expect(request.seed == 7)
    }

    @Test("Explicit values are kept")
    func explicitValues() throws {
        var draft = makeDraft()
        (draft.kMin, draft.kMax, draft.seed) = (2, 32, 99)
        (draft.temperature, draft.topP, draft.maxJudgmentTokens) = (0, 0.9, 64)
        draft.reference = "4"
        draft.principles = [Principle(text: "Truth", weight: 3), Principle(text: "Wit", weight: 1)]
        draft.replyParts = [.text]
        (draft.groupID, draft.requestID, draft.expectedGRM) = ("g", "r", "smol")
        let request = try makeRequest(draft)
        #expect((request.kMin, request.kMax) == (2, 32))
        #expect(request.seed == 99)
        #expect(request.temperature == 0)
        #expect(request.topP == 0.9)
        #expect(request.maxJudgmentTokens == 64)
        #expect(request.reference == "4")
        #expect(request.principles == draft.principles)
        #expect(request.principleReuse == .fixed)
        #expect(request.replyParts == [.text])
        #expect(request.expectedGRM == "smol")
    }

    @Test("A k_min above the default k_max raises it, and a low k_max lowers the default k_min")
    func sampleCountsFollowEachOther() throws {
        var draft = makeDraft()
        draft.kMin = 20
        let raised = try makeRequest(draft)
        #expect((raised.kMin, raised.kMax) == (20, 20))
        var defaults = ScoringDefaults()
        defaults.kMin = 4
        draft.kMin = nil
        draft.kMax = 2
        let lowered = try ScoreRequest(
            validating: draft,
            limits: ScoringLimits(),
            defaults: defaults,
            freshSeed: 0
        )
        #expect((lowered.kMin, lowered.kMax) == (2, 2))
    }

    @Test("An empty reference counts as none")
    func emptyReference() throws {
        var draft = makeDraft()
        draft.reference = ""
        #expect(try makeRequest(draft).reference == nil)
    }

    @Test(
        "1 and 64 responses pass; 0 and 65 do not",
        arguments: [(1, true), (64, true), (0, false), (65, false)]
    )
    func responseCounts(count: Int, passes: Bool) {
        let draft = makeDraft(Array(repeating: "x", count: count))
        let error = scoringError { _ = try makeRequest(draft) }
        #expect((error == nil) == passes)
        if !passes {
            #expect(error?.code == .responseCount)
            #expect(error?.expected == "1 to 64 responses")
            #expect(error?.found == "\(count)")
        }
    }

    @Test("Each bad field gets its own code and subject", arguments: BadDraft.all)
    func refusals(bad: BadDraft) throws {
        var draft = makeDraft()
        bad.spoil(&draft)
        let error = try #require(scoringError { _ = try makeRequest(draft) }, "\(bad.name)")
        #expect(error.code == bad.code, "\(bad.name): \(error)")
        #expect(error.subject == bad.subject, "\(bad.name): \(error)")
        #expect(!error.expected.isEmpty && !error.found.isEmpty && !error.advice.isEmpty)
    }

    @Test("Limits that the configuration lowers are the ones that hold")
    func loweredLimits() throws {
        var limits = ScoringLimits()
        limits.sampleCount = 4
        limits.judgmentTokenCount = 100
        let request = try ScoreRequest(
            validating: makeDraft(),
            limits: limits,
            defaults: ScoringDefaults(),
            freshSeed: 0
        )
        #expect(request.kMax == 4)
        #expect(request.maxJudgmentTokens == 100)
        limits.responseCount = 1
        let error = scoringError {
            _ = try ScoreRequest(
                validating: makeDraft(),
                limits: limits,
                defaults: ScoringDefaults(),
                freshSeed: 0
            )
        }
        #expect(error?.code == .responseCount)
    }
}

/// A way to spoil a good draft, and the refusal that it must get.
struct BadDraft: Sendable, CustomTestStringConvertible {
    let name: String
    let code: ScoringError.Code
    let subject: String
    let spoil: @Sendable (inout ScoreRequestDraft) -> Void

    init(
        _ name: String,
        _ code: ScoringError.Code,
        _ subject: String,
        _ spoil: @escaping @Sendable (inout ScoreRequestDraft) -> Void
    ) {
        self.name = name
        self.code = code
        self.subject = subject
        self.spoil = spoil
    }

    var testDescription: String { name }

    static let all = texts + counts + stopping + principles + unsupported + ways

    private static let texts = [
        BadDraft("no message", .conversationEmpty, "conversation") { $0.conversation = [] },
        BadDraft("blank message", .conversationEmpty, "conversation") {
            $0.conversation = [.init(role: .user, content: " \n\u{200B}")]
        },
        BadDraft("no role", .role, "conversation[1].role") {
            $0.conversation.append(.init(role: nil, content: "x"))
        },
        BadDraft("257 messages", .textTooLong, "conversation") {
            $0.conversation = Array(repeating: .init(role: .user, content: "x"), count: 257)
        },
        BadDraft("long conversation", .textTooLong, "conversation") {
            $0.conversation = [
                .init(role: .user, content: String(repeating: "x", count: 1 << 20 + 1))
            ]
        },
        BadDraft("long response", .textTooLong, "responses[1].content") {
            $0.responses[1].content = String(repeating: "x", count: 1 << 18 + 1)
        },
        BadDraft("long responses together", .textTooLong, "responses") {
            let text = String(repeating: "x", count: 1 << 18)
            $0.responses = Array(repeating: CandidateResponse(content: text), count: 9)
        },
        BadDraft("long reference", .textTooLong, "reference") {
            $0.reference = String(repeating: "x", count: 1 << 18 + 1)
        },
        BadDraft("long id", .textTooLong, "responses[0].id") {
            $0.responses[0].id = String(repeating: "x", count: 257)
        },
        BadDraft("long group", .textTooLong, "group_id") {
            $0.groupID = String(repeating: "x", count: 257)
        },
        BadDraft("long request id", .textTooLong, "request_id") {
            $0.requestID = String(repeating: "é", count: 129)
        },
        BadDraft("long version", .textTooLong, "expected_grm") {
            $0.expectedGRM = String(repeating: "x", count: 257)
        },
    ]

    private static let counts = [
        BadDraft("k_max 0", .sampleCount, "k_max") { $0.kMax = 0 },
        BadDraft("k_min 0", .sampleCount, "k_min") { $0.kMin = 0 },
        BadDraft("k_max 257", .sampleCount, "k_max") { $0.kMax = 257 },
        BadDraft("k_max negative", .sampleCount, "k_max") { $0.kMax = -1 },
        BadDraft("k_min over k_max", .sampleCount, "k_min") { ($0.kMin, $0.kMax) = (9, 8) },
        BadDraft("temperature NaN", .temperature, "temperature") { $0.temperature = .nan },
        BadDraft("temperature infinite", .temperature, "temperature") {
            $0.temperature = .infinity
        },
        BadDraft("temperature negative", .temperature, "temperature") { $0.temperature = -0.1 },
        BadDraft("temperature 2.1", .temperature, "temperature") { $0.temperature = 2.1 },
        BadDraft("top_p 0", .topP, "top_p") { $0.topP = 0 },
        BadDraft("top_p NaN", .topP, "top_p") { $0.topP = .nan },
        BadDraft("top_p 1.1", .topP, "top_p") { $0.topP = 1.1 },
        BadDraft("negative tokens", .tokenBudget, "max_judgment_tokens") {
            $0.maxJudgmentTokens = -1
        },
        BadDraft("too many tokens", .tokenBudget, "max_judgment_tokens") {
            $0.maxJudgmentTokens = 4097
        },
    ]

    private static let stopping =
        ([.fixed, .exact] as [StoppingRule]).map { rule in
            BadDraft("risk with \(rule)", .stopping, "stop_risk") {
                ($0.stopping, $0.stopRisk) = (rule, 0.05)
            }
        }
        + ([0, 0.51, -1, .nan] as [Double]).map { risk in
            BadDraft("risk \(risk)", .stopping, "stop_risk") {
                ($0.stopping, $0.stopRisk) = (.guaranteed, risk)
            }
        }
        + ([0, -1, .nan, .infinity] as [Double]).map { width in
            BadDraft("width \(width)", .stopping, "score_width") { $0.scoreWidth = width }
        }
        + [
            BadDraft("empty under reject", .hostileInput, "responses[1].content") {
                $0.hostileInputs = .reject
                $0.responses[1].content = " "
            }
        ]

    private static let principles = [
        BadDraft("blank principle", .principles, "principles[0].text") {
            $0.principles = [Principle(text: " ")]
        },
        BadDraft("long principle", .textTooLong, "principles[0].text") {
            $0.principles = [Principle(text: String(repeating: "x", count: 2049))]
        },
        BadDraft("33 principles", .principles, "principles") {
            $0.principles = Array(repeating: Principle(text: "x"), count: 33)
        },
        BadDraft("negative weight", .principles, "principles[0].weight") {
            $0.principles = [Principle(text: "x", weight: -1)]
        },
        BadDraft("weight NaN", .principles, "principles[0].weight") {
            $0.principles = [Principle(text: "x", weight: .nan)]
        },
        BadDraft("some weights", .principles, "principles.weight") {
            $0.principles = [Principle(text: "x", weight: 1), Principle(text: "y")]
        },
        BadDraft("fixed without principles", .principles, "principle_reuse") {
            $0.principleReuse = .fixed
        },
        BadDraft("off with principles", .principles, "principle_reuse") {
            $0.principleReuse = .off
            $0.principles = [Principle(text: "x")]
        },
    ]

    private static let unsupported = [
        BadDraft("k_meta", .notSupported, "k_meta") { $0.kMeta = 4 },
        BadDraft("threshold", .notSupported, "meta_threshold") { $0.metaThreshold = 0.5 },
    ]

    /// What does not go with a way of judging.
    private static let ways = pairs + singles + chats + mixtures

    private static var pairs: [BadDraft] {
        var drafts: [BadDraft] = []
        for mode in [JudgingMode.pairwise, .tokenProbability] {
            for count in [1, 17] {
                let subject = "mode \(mode.rawValue)"
                drafts.append(
                    BadDraft("\(count) with \(mode)", .mode, subject) { draft in
                        draft.mode = mode
                        draft.responses = (0..<count).map { CandidateResponse(content: "\($0)") }
                    }
                )
            }
        }
        return drafts
    }

    private static var singles: [BadDraft] {
        var drafts: [BadDraft] = []
        for mode in [JudgingMode.tokenProbability, .likelihood, .scalar] {
            drafts.append(
                BadDraft("k with \(mode)", .sampleCount, "k_max") { draft in
                    draft.mode = mode
                    draft.kMax = 2
                }
            )
            drafts.append(
                BadDraft("readout with \(mode)", .mode, "readout") { draft in
                    draft.mode = mode
                    draft.readout = .sampled
                }
            )
            drafts.append(
                BadDraft("tokens with \(mode)", .tokenBudget, "max_judgment_tokens") { draft in
                    draft.mode = mode
                    draft.maxJudgmentTokens = 8
                }
            )
        }
        return drafts
    }

    private static var chats: [BadDraft] {
        var drafts: [BadDraft] = []
        for mode in [JudgingMode.likelihood, .scalar] {
            drafts.append(
                BadDraft("principles with \(mode)", .principles, "principle_reuse") { draft in
                    draft.mode = mode
                    draft.principles = [Principle(text: "x")]
                }
            )
            drafts.append(
                BadDraft("reuse with \(mode)", .principles, "principle_reuse") { draft in
                    draft.mode = mode
                    draft.principleReuse = .read
                }
            )
            drafts.append(
                BadDraft("k_meta with \(mode)", .mode, "k_meta") { draft in
                    draft.mode = mode
                    draft.kMeta = 1
                }
            )
        }
        return drafts
    }

    private static let mixtures = [
        BadDraft("expected without a critique", .sampleCount, "k_max") { draft in
            draft.mode = .isolated
            draft.readout = .expected
            draft.maxJudgmentTokens = 0
            draft.kMax = 2
        },
        BadDraft("a head without its critique", .tokenBudget, "max_judgment_tokens") { draft in
            draft.mode = .semiScalar
            draft.maxJudgmentTokens = 0
        },
        BadDraft("writing without reuse", .principles, "principle_writing") { draft in
            draft.principleWriting = .conversation
        },
        BadDraft("writing while reading", .principles, "principle_writing") { draft in
            draft.principleReuse = .read
            draft.principleWriting = .responses
        },
        BadDraft("writing from no critique", .principles, "principle_writing") { draft in
            draft.principleReuse = .readWrite
            draft.principleWriting = .responses
            draft.maxJudgmentTokens = 0
        },
        BadDraft("read with principles", .principles, "principle_reuse") { draft in
            draft.principleReuse = .read
            draft.principles = [Principle(text: "x")]
        },
    ]
}
