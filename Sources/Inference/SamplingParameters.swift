/// How a token is drawn from logits.
package struct SamplingParameters: Hashable, Sendable {
    /// 0 takes the most likely token.
    package var temperature: Float
    /// The share of probability that the most likely tokens must reach to be drawn from; 1 is all.
    package var topP: Float

    /// Makes parameters; without `topP`, every token may be drawn.
    package init(temperature: Float, topP: Float = 1) {
        self.temperature = temperature
        self.topP = topP
    }
}
