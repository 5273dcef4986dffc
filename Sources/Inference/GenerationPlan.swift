/// What a sample adds to its prompt, stage by stage: given text, free text, choices held by a
/// grammar, and a reading by a head.
package struct GenerationPlan: Hashable, Sendable {
    /// Text that is not generated.
    package struct Given: Hashable, Sendable {
        package var tokens: [TokenID]
        /// Whether the model's probability of each token is wanted.
        package var isRead: Bool

        /// Makes a stage of given text.
        package init(tokens: [TokenID], isRead: Bool) {
            self.tokens = tokens
            self.isRead = isRead
        }
    }

    /// Free text until a stop, the end token or the budget.
    package struct FreeText: Hashable, Sendable {
        /// Tokens that the stage may generate.
        package var tokenCountMax: Int
        package var stops: [Stop]
        /// Forced after the end token or the budget, where no stop came.
        package var otherwise: [TokenID]
        /// Goes on after an end token: for measurements of equal length.
        package var ignoresEnd: Bool

        /// Makes a stage of free text.
        package init(
            tokenCountMax: Int,
            stops: [Stop],
            otherwise: [TokenID],
            ignoresEnd: Bool = false
        ) {
            self.tokenCountMax = tokenCountMax
            self.stops = stops
            self.otherwise = otherwise
            self.ignoresEnd = ignoresEnd
        }
    }

    /// A text that ends the free stage, and what is forced after it.
    package struct Stop: Hashable, Sendable {
        package var text: String
        package var then: [TokenID]

        /// Makes a stop; its text belongs to what was generated.
        package init(_ text: String, then: [TokenID]) {
            self.text = text
            self.then = then
        }
    }

    /// Absent: nothing is given.
    package var given: Given?
    /// Absent: the choices follow at once.
    package var free: FreeText?
    /// One after the other: each a set of token sequences, none the beginning of another.
    package var choices: [[[TokenID]]]
    /// Whether the model's probability of every sequence of every choice is wanted.
    package var weighsChoices: Bool
    /// The head that reads the hidden state of the last token, if one does.
    package var head: ScalarHead.Kind?

    /// Makes a plan of its stages.
    package init(
        given: Given? = nil,
        free: FreeText? = nil,
        choices: [[[TokenID]]] = [],
        weighsChoices: Bool = false,
        head: ScalarHead.Kind? = nil
    ) {
        self.given = given
        self.free = free
        self.choices = choices
        self.weighsChoices = weighsChoices
        self.head = head
    }

    /// The most tokens that a sample with this plan can add to its prompt.
    package var tokenCountMax: Int {
        var count = choices.reduce(given?.tokens.count ?? 0) {
            $0 + ($1.map(\.count).max() ?? 0)
        }
        if let free {
            let forced =
                free.stops.map { $0.then.count + $0.text.utf8.count } + [free.otherwise.count]
            count += free.tokenCountMax + (forced.max() ?? 0)
        }
        return count
    }
}
