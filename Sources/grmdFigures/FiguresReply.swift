import Inference

/// One line of the output: what a command came to; fields that do not belong to it are absent.
struct FiguresReply: Encodable, Sendable {
    /// What one request took.
    struct Request: Encodable, Sendable {
        let promptTokens: Int
        let promptTokensComputed: Int
        let generatedTokens: Int
        let queueSeconds: Double
        let prefillSeconds: Double
        let decodeSeconds: Double

        init(_ report: CompletionReport) {
            promptTokens = report.promptTokens
            promptTokensComputed = report.promptTokensComputed
            generatedTokens = report.completions.reduce(0) { $0 + $1.tokens.count }
            queueSeconds = report.queueSeconds
            prefillSeconds = report.prefillSeconds
            decodeSeconds = report.decodeSeconds
        }
    }

    /// What the model is and what computes it.
    struct Model: Encodable, Sendable {
        let name: String
        let formats: [String]
        let kernels: String
        let blas: String
        let threads: Int
        let width: Int
        let layers: Int
        let feedForwardWidth: Int
        let queryWidth: Int
        let keyValueWidth: Int
        let vocabulary: Int
        let contextTokens: Int
        let loadSeconds: Double
    }

    /// The engine's counters since its start.
    struct Counters: Encodable, Sendable {
        let steps: Int
        let promptTokensComputed: Int
        let generatedTokens: Int
        let keyValueBytes: Int
    }

    var error: String?
    var model: Model?
    /// Wall time of the command.
    var seconds: Double?
    /// Token ids of each conversation.
    var tokens: [[UInt32]]?
    /// In the order of the command's requests.
    var requests: [Request]?
    var counters: Counters?
}
