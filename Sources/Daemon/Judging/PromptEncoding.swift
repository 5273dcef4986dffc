import Inference
import Scoring

/// Turns the pieces of prompts into tokens; texts that stand in several prompts are encoded once.
struct PromptEncoding {
    let tokenizer: Tokenizer
    let markup: ChatMarkup
    /// By the text's bytes: equal strings may be spelled differently, and then have other tokens.
    private var known: [[UInt8]: [TokenID]] = [:]

    init(tokenizer: Tokenizer, markup: ChatMarkup) {
        self.tokenizer = tokenizer
        self.markup = markup
    }

    /// The segments of a prompt as tokens; none is empty.
    ///
    /// Shape: [segments][tokens]
    ///
    /// - Parameters:
    ///   - segments: The prompt's pieces.
    ///   - tokenCountMax: What it may come to.
    /// - Returns: The tokens of each segment.
    /// - Throws: `InferenceError.contextOverflow` at the first piece that is too much.
    mutating func tokens(
        of segments: [[PromptPiece]],
        tokenCountMax: Int
    ) throws -> [[TokenID]] {
        var tokens: [[TokenID]] = []
        var count = 0
        for segment in segments {
            var part = tokens.isEmpty ? begin : []
            for piece in segment {
                try Task.checkCancellation()
                part += self.tokens(of: piece)
                guard count + part.count <= tokenCountMax else {
                    throw InferenceError(
                        .contextOverflow,
                        subject: "prompt",
                        expected: "at most \(max(tokenCountMax, 0)) tokens beside the judgment",
                        found: "\(count + part.count) tokens or more"
                    )
                }
            }
            count += part.count
            tokens.append(part)
        }
        return tokens
    }

    private var begin: [TokenID] {
        tokenizer.addsBegin ? [tokenizer.beginID].compactMap(\.self) : []
    }

    private mutating func tokens(of piece: PromptPiece) -> [TokenID] {
        switch piece {
        case .turnStart(let role): markup.turnStart(role: role.rawValue)
        case .turnEnd: markup.turnEnd
        case .template(let text), .content(let text): encode(text)
        }
    }

    /// The tokens of a text; control tokens never come of it.
    mutating func encode(_ text: String) -> [TokenID] {
        let bytes = Array(text.utf8)
        if let tokens = known[bytes] { return tokens }
        let tokens = tokenizer.encode(text)
        known[bytes] = tokens
        return tokens
    }
}
