import Inference
import Scoring

/// Turns the pieces of prompts into tokens; texts that stand in several orders are encoded once.
struct PromptEncoding {
    let tokenizer: Tokenizer
    let markup: ChatMarkup
    /// What a prompt may come to beside its judgment.
    let tokenCountMax: Int
    private var known: [String: [TokenID]] = [:]

    init(tokenizer: Tokenizer, markup: ChatMarkup, tokenCountMax: Int) {
        self.tokenizer = tokenizer
        self.markup = markup
        self.tokenCountMax = tokenCountMax
    }

    /// The two segments of a prompt: what requests on one conversation share, and the responses.
    ///
    /// - Throws: `InferenceError.contextOverflow` at the first piece that is too much.
    mutating func segments(of prompt: Prompt) throws -> [[TokenID]] {
        let begin = tokenizer.addsBegin ? [tokenizer.beginID].compactMap(\.self) : []
        let shared = begin + (try tokens(of: prompt.shared, before: begin.count))
        return [shared, try tokens(of: prompt.responses, before: shared.count)]
    }

    private mutating func tokens(of pieces: [PromptPiece], before: Int) throws -> [TokenID] {
        var tokens: [TokenID] = []
        for piece in pieces {
            try Task.checkCancellation()
            switch piece {
            case .turnStart(let role): tokens += markup.turnStart(role: role.rawValue)
            case .turnEnd: tokens += markup.turnEnd
            case .template(let text), .content(let text): tokens += encode(text)
            }
            guard before + tokens.count <= tokenCountMax else {
                throw InferenceError(
                    .contextOverflow,
                    subject: "prompt",
                    expected: "at most \(max(tokenCountMax, 0)) tokens beside the judgment",
                    found: "\(before + tokens.count) tokens or more"
                )
            }
        }
        return tokens
    }

    private mutating func encode(_ text: String) -> [TokenID] {
        if let tokens = known[text] { return tokens }
        let tokens = tokenizer.encode(text)
        known[text] = tokens
        return tokens
    }
}
