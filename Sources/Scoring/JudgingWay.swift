/// A way of judging: what the judge is shown, what is read of it, and how that becomes a score for
/// each response.
protocol JudgingWay: Sendable {
    /// What is read of each prompt.
    var reading: PartReading { get }
    /// The distinct prompts of all judgments.
    var cases: [PromptCase] { get }
    /// The places in `cases` of what a sample sees; a function of the sample alone.
    func places(ofSample index: Int) -> [Int]
    /// What the random numbers of a case depend on beside the seed and the sample.
    func salt(of shown: PromptCase) -> UInt64
    /// One score for each response of the request; every part has scores.
    func scores(of parts: [JudgmentPart]) -> [Double]
}

/// What is read of a prompt.
package enum PartReading: Hashable, Sendable {
    /// The line that ends the text; `isWeighed` reads the model's probability of each value.
    case line(isWeighed: Bool)
    /// The mean log-probability of the response's tokens.
    case likelihood
    /// What the head says at the end of the response.
    case head
    /// What the head says at the end of the judge's critique.
    case critiqueHead
}

extension ScoreRequest {
    /// A number that the contents shown have, whatever else the request holds.
    func contentHash(_ shown: PromptCase) -> UInt64 {
        var hash = TextHash()
        for index in shown.order { hash.add(responses[index].content) }
        return hash.value
    }
}
