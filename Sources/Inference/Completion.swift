/// What became of one sample.
package struct Completion: Sendable {
    /// How a sample ended.
    package enum Outcome: Hashable, Sendable {
        case finished
        /// Not-a-number or infinite logits.
        case badLogits
    }

    /// Place in the request's list of samples.
    package var sample: Int
    package var outcome: Outcome
    /// Every token after the prompt but what was given, and their text.
    package var tokens: [TokenID]
    package var text: String
    /// The free text ended since its budget, or its time, was used up.
    package var isTruncated: Bool
    /// What the plan wanted to know beside the text.
    package var readings: SampleText.Readings
    /// From the request's start in the engine to this sample's end.
    package var seconds: Double
}
