/// One prompt of a way of judging: what it shows and what it asks.
package struct PromptCase: Hashable, Sendable {
    /// What a prompt asks of the model.
    package enum Form: Hashable, Sendable {
        /// A score for each response shown.
        case scores
        /// The number of the better of two responses.
        case pair
        /// Criteria for the conversation; no response is shown.
        case criteria
        /// Nothing: the conversation stands as it is, and the response follows as the model's own.
        case chat
    }

    package let form: Form
    /// Element p is the request's index of the response that is shown at position p.
    package let order: [Int]
    /// Whether the answer is wanted at once, without a critique.
    package let isDirect: Bool

    /// Makes a case; a pair shows two responses, criteria none, a chat one.
    package init(_ form: Form, order: [Int], isDirect: Bool = false) {
        switch form {
        case .scores: precondition(!order.isEmpty)
        case .pair: precondition(order.count == 2)
        case .criteria: precondition(order.isEmpty)
        case .chat: precondition(order.count == 1)
        }
        self.form = form
        self.order = order
        self.isDirect = isDirect
    }
}
