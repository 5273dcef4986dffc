/// A scoring request as it came, before any check; nil stands for a field that was left unset.
package struct ScoreRequestDraft: Hashable, Sendable {
    /// A message whose role may be missing.
    package struct Message: Hashable, Sendable {
        /// Who wrote it; nil where the caller did not say or said something unknown.
        package var role: Role?
        /// The text.
        package var content: String

        /// Makes a message.
        package init(role: Role?, content: String) {
            self.role = role
            self.content = content
        }
    }

    /// The conversation, oldest message first.
    package var conversation: [Message] = []
    /// The candidate responses.
    package var responses: [CandidateResponse] = []
    /// A reference answer; an empty one counts as none.
    package var reference: String?
    /// Principles that the judge must use.
    package var principles: [Principle] = []

    /// How the responses are put before the judge.
    package var mode: JudgingMode?
    /// How a score is read.
    package var readout: ScoreReadout?

    /// The least number of judgments.
    package var kMin: Int?
    /// The greatest number of judgments.
    package var kMax: Int?
    /// How many judgments the meta-RM keeps.
    package var kMeta: Int?
    /// The meta score below which a judgment does not count.
    package var metaThreshold: Double?
    /// The greatest probability that stopping early changes the decision.
    package var stopRisk: Double?
    /// When the run may stop early.
    package var stopping: StoppingRule?
    /// The interval of a mean score, in score units, that is narrow enough to stop.
    package var scoreWidth: Double?

    /// The sampling temperature.
    package var temperature: Double?
    /// The probability mass that sampling keeps.
    package var topP: Double?
    /// The seed of the judgments.
    package var seed: UInt64?
    /// Tokens that one prompt's judgment may generate before its last line; 0 for no critique.
    package var maxJudgmentTokens: Int?

    /// Where the principles come from.
    package var principleReuse: PrincipleReuse?
    /// What the judge has seen when it writes principles that are kept.
    package var principleWriting: PrincipleWriting?
    /// What is done with hostile responses.
    package var hostileInputs: HostileInputPolicy?
    /// The parts of each judgment that the reply carries.
    package var replyParts: Set<ReplyPart> = []
    /// The group of calls that are judged together.
    package var groupID = ""
    /// The caller's name for this call.
    package var requestID = ""
    /// The judge version that must be serving.
    package var expectedGRM: String?
    /// The meta-RM version that must be serving.
    package var expectedMetaRM: String?

    /// Makes an empty draft.
    package init() {}
}
