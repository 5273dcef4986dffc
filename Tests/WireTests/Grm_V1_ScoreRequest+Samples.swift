import Scoring
import SwiftProtobuf
import Wire

extension Grm_V1_ScoreRequest {
    /// A request that the check accepts.
    static var small: Self {
        .with {
            $0.conversation = [
                .with {
                    $0.role = .user
                    $0.content = "What is 2 + 2?"
                }
            ]
            $0.responses = ["4", "5"].map { text in .with { $0.content = text } }
            $0.kMax = 4
            $0.seed = 1
        }
    }

    /// A request with every field set; `ScoreRequestDraft.whole` is the same as a draft.
    static var whole: Self {
        .with {
            $0.conversation = [
                .with {
                    $0.role = .system
                    $0.content = "Be exact."
                },
                .with {
                    $0.role = .user
                    $0.content = "¿2 + 2? 🧮"
                },
            ]
            $0.responses = [
                .with {
                    $0.content = "4"
                    $0.id = "a"
                },
                .with { $0.content = "5" },
            ]
            $0.reference = "four"
            $0.principles = [
                .with {
                    $0.text = "Exact"
                    $0.weight = 0.75
                },
                .with { $0.text = "Short" },
            ]
            $0.mode = .pairwise
            $0.readout = .expected
            $0.setSampling()
            $0.principleReuse = .fixed
            $0.hostileInputs = .reject
            $0.replyParts = [.text, .principles, .text]
            $0.groupID = "group"
            $0.requestID = "request"
            $0.expectedGrm = "judge"
            $0.expectedMetaRm = "meta"
        }
    }

    private mutating func setSampling() {
        kMin = 2
        kMax = 6
        kMeta = 3
        metaThreshold = 0.25
        stopRisk = 0.05
        stopping = .guaranteed
        scoreWidth = 1.5
        temperature = 0.5
        topP = 0.875
        seed = 0xfeed_f00d_dead_beef
        maxJudgmentTokens = 77
    }
}

extension ScoreRequestDraft {
    static var whole: Self {
        var draft = ScoreRequestDraft()
        draft.conversation = [
            Message(role: .system, content: "Be exact."),
            Message(role: .user, content: "¿2 + 2? 🧮"),
        ]
        draft.responses = [
            CandidateResponse(content: "4", id: "a"), CandidateResponse(content: "5"),
        ]
        draft.reference = "four"
        draft.principles = [Principle(text: "Exact", weight: 0.75), Principle(text: "Short")]
        draft.mode = .pairwise
        draft.readout = .expected
        draft.kMin = 2
        draft.kMax = 6
        draft.kMeta = 3
        draft.metaThreshold = 0.25
        draft.stopRisk = 0.05
        draft.stopping = .guaranteed
        draft.scoreWidth = 1.5
        draft.temperature = 0.5
        draft.topP = 0.875
        draft.seed = 0xfeed_f00d_dead_beef
        draft.maxJudgmentTokens = 77
        draft.principleReuse = .fixed
        draft.hostileInputs = .reject
        draft.replyParts = [.text, .principles]
        draft.groupID = "group"
        draft.requestID = "request"
        draft.expectedGRM = "judge"
        draft.expectedMetaRM = "meta"
        return draft
    }

    /// The request, under the limits and defaults of a daemon that was told nothing.
    func checked() throws(ScoringError) -> ScoreRequest {
        try ScoreRequest(
            validating: self,
            limits: ScoringLimits(),
            defaults: ScoringDefaults(),
            freshSeed: 1
        )
    }
}
