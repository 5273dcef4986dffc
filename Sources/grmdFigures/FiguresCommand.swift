/// One line of the input: what to do and with what.
///
/// Token ids are numbers; a prompt is a list of segments, cut where prompts may share a beginning.
enum FiguresCommand: Sendable {
    /// Conversations to token ids, in the model's own markup.
    case encode(conversations: [[Turn]])
    /// Requests, all at once, each a prompt with samples of equal length.
    case complete(Completions)
    /// The logits after the last token of each prompt, written to a file as f32 rows.
    case logits(prompts: [[UInt32]], file: String)
    /// Counters of the engine.
    case statistics

    /// A turn of a conversation; the last one is left open, for the model to go on.
    struct Turn: Decodable, Sendable {
        let role: String
        let content: String
    }

    /// What `complete` runs.
    struct Completions: Decodable, Sendable {
        /// Shape: [requests][segments][tokens].
        let requests: [[[UInt32]]]
        /// Samples of each request.
        let samples: Int
        /// Tokens of each sample, neither more nor less.
        let tokens: Int
        let temperature: Float
        let seed: UInt64
    }
}

extension FiguresCommand: Decodable {
    private enum Key: String, CodingKey {
        case command, conversations, prompts, file
    }

    private enum Name: String, Decodable {
        case encode, complete, logits, statistics
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        switch try fields.decode(Name.self, forKey: .command) {
        case .encode:
            self = .encode(
                conversations: try fields.decode([[Turn]].self, forKey: .conversations)
            )
        case .complete:
            self = .complete(try Completions(from: decoder))
        case .logits:
            self = .logits(
                prompts: try fields.decode([[UInt32]].self, forKey: .prompts),
                file: try fields.decode(String.self, forKey: .file)
            )
        case .statistics:
            self = .statistics
        }
    }
}
