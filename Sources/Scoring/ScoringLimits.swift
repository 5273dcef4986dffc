/// The greatest values that a scoring request may hold.
///
/// The daemon's configuration may lower them; a value over a limit is refused, never cut down.
package struct ScoringLimits: Hashable, Sendable {
    /// Candidate responses.
    ///
    /// All stand in one prompt, so more would not fit the context of a judge.
    package var responseCount = 64
    /// Candidate responses of which every pair is compared.
    ///
    /// 16 make 240 prompts.
    package var pairedResponseCount = 16
    /// Judgments.
    ///
    /// The paper's largest run is 32; 256 leaves room and bounds the work of one call.
    package var sampleCount = 256
    /// Messages of the conversation.
    ///
    /// Bounds the frames that the prompt writes around them.
    package var messageCount = 256
    /// Bytes of all messages together.
    ///
    /// Beyond any context served; bounds the tokenizer's work.
    package var conversationBytes = 1 << 20
    /// Bytes of one response.
    ///
    /// The same reason, for one of many.
    package var responseBytes = 1 << 18
    /// Bytes of all responses together.
    ///
    /// Keeps a full request below the transport's message limit.
    package var responsesBytes = 1 << 21
    /// Bytes of the reference answer.
    ///
    /// It stands in the prompt like one response.
    package var referenceBytes = 1 << 18
    /// Principles in a request.
    ///
    /// More than a judge can weigh in one analysis.
    package var principleCount = 32
    /// Bytes of one principle.
    ///
    /// A criterion is a sentence or two.
    package var principleBytes = 2048
    /// Tokens that one judgment may generate before its score line.
    ///
    /// Bounds the time of one sample.
    package var judgmentTokenCount = 4096
    /// Temperature.
    ///
    /// Above 2 a small judge writes noise that only wastes its budget.
    package var temperature = 2.0
    /// Bytes of an id or version name.
    ///
    /// They are echoed and logged.
    package var identifierBytes = 256

    /// Makes the limits of a daemon that was configured with none.
    package init() {}
}
