/// A scoring request in which everything was checked and every default is filled in.
package struct ScoreRequest: Hashable, Sendable {
    /// The conversation that the responses answer.
    package let conversation: Conversation
    /// The candidate responses, in the caller's order.
    ///
    /// Shape: [1...limit]
    package let responses: [CandidateResponse]
    /// A reference answer; never empty.
    package let reference: String?
    /// The caller's principles; all of them weighted, or none.
    package let principles: [Principle]
    /// How the responses are put before the judge.
    package let mode: JudgingMode
    /// How a score is read.
    package let readout: ScoreReadout
    /// The least number of judgments.
    package let kMin: Int
    /// The greatest number of judgments.
    package let kMax: Int
    /// When the run may stop early.
    package let stopping: StoppingRule
    /// The greatest probability that stopping early changes the decision; nil for rules without.
    package let stopRisk: Double?
    /// The 95% interval of a mean that is narrow enough to stop; nil for none.
    ///
    /// Unit: score
    package let scoreWidth: Double?
    /// How many judgments the meta-RM keeps, best first; nil for all.
    package let kMeta: Int?
    /// The meta score below which a judgment does not count; nil for none.
    package let metaThreshold: Double?
    /// The sampling temperature; 0 takes the likeliest token.
    package let temperature: Double
    /// The probability mass that sampling keeps, in (0, 1].
    package let topP: Double
    /// The seed of the judgments: the caller's, or a fresh one.
    package let seed: UInt64
    /// Tokens that one prompt's judgment may generate before its last line; 0 for no critique.
    package let maxJudgmentTokens: Int
    /// Where the principles come from.
    package let principleReuse: PrincipleReuse
    /// What the judge has seen when it writes principles that are kept.
    package let principleWriting: PrincipleWriting
    /// What is done with hostile responses.
    package let hostileInputs: HostileInputPolicy
    /// What stands out in each response.
    ///
    /// Shape: [responses]
    package let responseFlags: [[ResponseFlag]]
    /// The parts of each judgment that the reply carries.
    package let replyParts: Set<ReplyPart>
    /// The group of calls that are judged together; may be empty.
    package let groupID: String
    /// The caller's name for this call; may be empty.
    package let requestID: String
    /// The judge version that must be serving.
    package let expectedGRM: String?
    /// The meta-RM version that must be serving.
    package let expectedMetaRM: String?

    /// Whether the judge answers at once, without a critique.
    package var isDirect: Bool { maxJudgmentTokens == 0 }

    /// Checks a draft and fills in the defaults.
    ///
    /// - Throws: `ScoringError` for the first field that is missing, over a limit or not supported.
    package init(
        validating draft: ScoreRequestDraft,
        limits: ScoringLimits,
        defaults: ScoringDefaults,
        freshSeed: UInt64
    ) throws(ScoringError) {
        let check = RequestCheck(limits: limits, defaults: defaults)
        conversation = try check.conversation(draft.conversation)
        responses = try check.responses(draft.responses)
        reference = try check.reference(draft.reference)
        principles = try check.principles(draft.principles)
        mode = try check.mode(draft.mode, responseCount: responses.count)
        readout = try check.readout(draft.readout, mode: mode)
        maxJudgmentTokens = try check.judgmentTokens(draft.maxJudgmentTokens, mode: mode)
        principleReuse = try check.principleReuse(draft, mode: mode)
        principleWriting = try check.principleWriting(
            draft.principleWriting,
            reuse: principleReuse,
            isWritten: maxJudgmentTokens > 0
        )
        hostileInputs = try check.hostileInputs(draft.hostileInputs, mode: mode)
        responseFlags = try check.responseFlags(responses, policy: hostileInputs)
        let isOne = mode.isDeterministic(readout, isDirect: maxJudgmentTokens == 0)
        (kMin, kMax) = try check.sampleCounts(draft, isDeterministic: isOne)
        stopping = try check.stopping(draft.stopping, mode: mode)
        stopRisk = try check.stopRisk(draft.stopRisk, rule: stopping)
        scoreWidth = try check.scoreWidth(draft.scoreWidth)
        (kMeta, metaThreshold) = try check.metaFilter(draft, mode: mode, kMax: kMax)
        temperature = try check.temperature(draft.temperature)
        topP = try check.topP(draft.topP)
        try check.identifiers(draft)
        seed = draft.seed ?? freshSeed
        replyParts = draft.replyParts
        groupID = draft.groupID
        requestID = draft.requestID
        expectedGRM = draft.expectedGRM
        expectedMetaRM = draft.expectedMetaRM
    }
}
