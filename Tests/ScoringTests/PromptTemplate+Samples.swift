@testable import Scoring

extension PromptTemplate {
    /// The prompt that asks for the scores of all responses in an order.
    func prompt(for request: ScoreRequest, order: [Int]) -> Prompt {
        prompt(for: request, PromptCase(.scores, order: order), principles: request.principles)
    }
}
