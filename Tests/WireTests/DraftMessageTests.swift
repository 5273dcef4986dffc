import Scoring
import SwiftProtobuf
import Testing
import Wire

@Suite("A request off the wire")
struct DraftMessageTests {
    @Test("An empty message gives the empty draft: what is absent stays absent")
    func takesNothing() throws {
        #expect(try ScoreRequestDraft(Grm_V1_ScoreRequest()) == ScoreRequestDraft())
    }

    @Test("Every field comes over, also through the bytes of the wire")
    func takesEveryField() throws {
        let message = Grm_V1_ScoreRequest.whole
        let bytes: [UInt8] = try message.serializedBytes()
        for message in [message, try Grm_V1_ScoreRequest(serializedBytes: bytes)] {
            #expect(try ScoreRequestDraft(message) == .whole)
        }
    }

    @Test("A field that is there with its zero is not absent")
    func tellsZeroFromAbsent() throws {
        let draft = try ScoreRequestDraft(
            .with {
                $0.reference = ""
                $0.kMin = 0
                $0.kMax = 0
                $0.kMeta = 0
                $0.metaThreshold = 0
                $0.stopRisk = 0
                $0.scoreWidth = 0
                $0.temperature = 0
                $0.topP = 0
                $0.seed = 0
                $0.maxJudgmentTokens = 0
                $0.expectedGrm = ""
                $0.expectedMetaRm = ""
                $0.principles = [.with { $0.weight = 0 }]
            }
        )
        var expected = ScoreRequestDraft()
        expected.reference = ""
        expected.kMin = 0
        expected.kMax = 0
        expected.kMeta = 0
        expected.metaThreshold = 0
        expected.stopRisk = 0
        expected.scoreWidth = 0
        expected.temperature = 0
        expected.topP = 0
        expected.seed = 0
        expected.maxJudgmentTokens = 0
        expected.expectedGRM = ""
        expected.expectedMetaRM = ""
        expected.principles = [Principle(text: "", weight: 0)]
        #expect(draft == expected)
    }

    @Test("The largest numbers of the wire come over whole")
    func takesLargeNumbers() throws {
        let draft = try ScoreRequestDraft(
            .with {
                $0.seed = .max
                $0.kMax = .max
                $0.maxJudgmentTokens = .max
            }
        )
        #expect(draft.seed == .max)
        #expect(draft.kMax == 4_294_967_295)
        #expect(draft.maxJudgmentTokens == 4_294_967_295)
    }

    @Test("Every number of every enum has its own meaning")
    func takesEveryEnumNumber() throws {
        func values<Number: CaseIterable, Value: Hashable>(
            _ field: WritableKeyPath<Grm_V1_ScoreRequest, Number>,
            _ value: KeyPath<ScoreRequestDraft, Value?>
        ) throws -> [Value?] {
            try Number.allCases.map { number in
                try ScoreRequestDraft(.with { $0[keyPath: field] = number })[keyPath: value]
            }
        }
        #expect(try values(\.mode, \.mode) == [nil] + JudgingMode.allCases)
        #expect(try values(\.readout, \.readout) == [nil] + ScoreReadout.allCases)
        #expect(try values(\.stopping, \.stopping) == [nil] + StoppingRule.allCases)
        #expect(try values(\.principleReuse, \.principleReuse) == [nil] + PrincipleReuse.allCases)
        #expect(
            try values(\.hostileInputs, \.hostileInputs) == [nil] + HostileInputPolicy.allCases
        )
        let parts = try ScoreRequestDraft(.with { $0.replyParts = Grm_V1_ReplyPart.allCases })
        #expect(parts.replyParts == Set(ReplyPart.allCases))
        let roles = try ScoreRequestDraft(
            .with {
                $0.conversation = Grm_V1_Role.allCases.map { role in .with { $0.role = role } }
            }
        )
        #expect(roles.conversation.map(\.role) == [nil] + Role.allCases)
    }

    @Test(
        "A number of a later release is refused with the field's name",
        arguments: [
            "mode", "readout", "stopping", "principle_reuse", "hostile_inputs", "reply_parts",
        ]
    )
    func refusesUnknownNumbers(field: String) throws {
        var message = Grm_V1_ScoreRequest.whole
        switch field {
        case "mode": message.mode = .UNRECOGNIZED(99)
        case "readout": message.readout = .UNRECOGNIZED(99)
        case "stopping": message.stopping = .UNRECOGNIZED(99)
        case "principle_reuse": message.principleReuse = .UNRECOGNIZED(99)
        case "hostile_inputs": message.hostileInputs = .UNRECOGNIZED(99)
        default: message.replyParts.append(.UNRECOGNIZED(99))
        }
        let error = try #require(throws: ScoringError.self) { try ScoreRequestDraft(message) }
        #expect(error.code == .notSupported)
        #expect(error.subject == field)
        #expect(error.found == "99")
        #expect(!error.expected.isEmpty && !error.advice.isEmpty)
    }

    @Test("A role of a later release is no role, which the check of the request refuses")
    func refusesUnknownRoles() throws {
        var message = Grm_V1_ScoreRequest.small
        message.conversation[0].role = .UNRECOGNIZED(9)
        let draft = try ScoreRequestDraft(message)
        #expect(draft.conversation.map(\.role) == [nil])
        let error = try #require(throws: ScoringError.self) { try draft.checked() }
        #expect(error.code == .role)
    }

    @Test("Fields of a later release do not hinder")
    func ignoresUnknownFields() throws {
        // Field 999 of type varint, value 1.
        let bytes: [UInt8] = try Grm_V1_ScoreRequest.whole.serializedBytes() + [0xb8, 0x3e, 0x01]
        #expect(try ScoreRequestDraft(Grm_V1_ScoreRequest(serializedBytes: bytes)) == .whole)
    }
}
