import Kernels

/// Where tokens wait for the decoder.
enum TokenSource {
    case sample(EngineJob, Int)
    case segment(EngineJob, PromptSegment)

    var isSegment: Bool {
        switch self {
        case .sample: false
        case .segment: true
        }
    }

    /// Tokens that wait.
    var pendingCount: Int {
        switch self {
        case .sample(let job, let index): job.running[index].text.pendingCount
        case .segment(_, let segment): segment.tokens.count - segment.block.count
        }
    }

    /// The first of the waiting tokens, as the decoder takes them.
    func run(count: Int) -> DecoderRun {
        switch self {
        case .sample(let job, let index):
            let sample = job.running[index]
            let (tokens, place) = sample.text.pending(count)
            return DecoderRun(
                tokens: tokens,
                position: sample.prompt.end + place,
                shared: sample.prompt.pieces,
                block: sample.block,
                place: place
            )
        case .segment(_, let segment):
            let first = segment.block.count
            return DecoderRun(
                tokens: Array(segment.tokens[first..<first + count]),
                position: segment.start + first,
                shared: segment.parent?.pieces ?? [],
                block: segment.block,
                place: first
            )
        }
    }
}
