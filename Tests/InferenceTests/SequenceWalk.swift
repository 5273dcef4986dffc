import Inference
import Kernels

/// A sequence on its way through a decoder, in segments, a few tokens at a time.
final class SequenceWalk {
    let tokens: [TokenID]
    /// Tokens that went through the decoder.
    private(set) var done: Int
    private let shape: ModelShape
    private var shared: [KeyValuePiece]
    /// Ends of the segments that are not complete.
    private var ends: [Int]
    private var block: KeyValueBlock
    private var start: Int

    /// Starts a sequence that is cut into segments of these lengths.
    init(_ tokens: [TokenID], cut counts: [Int], shape: ModelShape) {
        self.tokens = tokens
        self.shape = shape
        var end = 0
        ends = counts.map { count in
            end += count
            return end
        }
        done = 0
        start = 0
        shared = []
        block = shape.makeBlock(tokens: ends[0])
    }

    /// Goes on from where another one stands, at the end of a segment, in a block of its own.
    init(forking other: SequenceWalk) {
        tokens = other.tokens
        shape = other.shape
        done = other.done
        start = other.done
        shared = other.shared
        ends = [other.tokens.count]
        block = other.shape.makeBlock(tokens: other.tokens.count - other.done)
    }

    var isDone: Bool { done == tokens.count }

    /// Tokens left in the current segment.
    var leftCount: Int { (ends.first ?? done) - done }

    /// The next tokens, at most those of the current segment.
    func run(_ count: Int) -> DecoderRun {
        DecoderRun(
            tokens: Array(tokens[done..<done + count]),
            position: done,
            shared: shared,
            block: block,
            place: done - start
        )
    }

    /// Takes note that the run went through the decoder.
    func didFeed(_ count: Int) {
        done += count
        block.count += count
        guard leftCount == 0 else { return }
        shared.append(KeyValuePiece(block, count: block.count))
        ends.removeFirst()
        start = done
        if let end = ends.first { block = shape.makeBlock(tokens: end - start) }
    }
}
