package import Kernels

/// A run of prompt tokens and their keys and values; its parent is what comes before it.
///
/// Written by the engine only, once; unchanged after `isComplete`.
package final class PromptSegment {
    package let parent: PromptSegment?
    package let tokens: [TokenID]
    /// Position of the first token.
    package let start: Int
    package let block: KeyValueBlock
    /// The normed hidden state of the last token, kept when the segment is complete.
    ///
    /// Shape: [width].
    package var lastHidden: [Float] = []
    fileprivate var userCount = 0
    fileprivate var childCount = 0
    fileprivate var lastUse: UInt64 = 0

    fileprivate init(parent: PromptSegment?, tokens: [TokenID], block: KeyValueBlock) {
        self.parent = parent
        self.tokens = tokens
        self.block = block
        start = parent.map { $0.start + $0.tokens.count } ?? 0
    }

    /// Whether every token has gone through the decoder.
    package var isComplete: Bool { block.count == tokens.count }

    /// What a token after this segment attends to before its own block.
    package var pieces: [KeyValuePiece] {
        (parent?.pieces ?? []) + [KeyValuePiece(block, count: block.count)]
    }

    /// Position of the first token after the segment.
    package var end: Int { start + tokens.count }
}

/// The prompts whose keys and values are kept: shared by every sample and request that begins with
/// the same segments, bounded in bytes, least recently used out first.
package struct KeyValueTree {
    private struct Key: Hashable {
        let parent: ObjectIdentifier?
        let tokens: [TokenID]
    }

    /// Bytes reserved by all segments.
    package private(set) var bytes = 0
    private let shape: ModelShape
    private var segments: [Key: PromptSegment] = [:]
    private var clock: UInt64 = 0

    package init(shape: ModelShape) {
        self.shape = shape
    }

    /// Bytes that prompts need beyond the segments that are already kept.
    package func newBytes(for prompts: [[[TokenID]]]) -> Int {
        var fresh: Set<[[TokenID]]> = []
        for prompt in prompts {
            var parent: PromptSegment?
            for (depth, tokens) in prompt.enumerated() {
                guard depth == 0 || parent != nil,
                    let known = segments[
                        Key(parent: parent.map(ObjectIdentifier.init), tokens: tokens)
                    ]
                else {
                    parent = nil
                    // Every deeper segment is new too: its parent is.
                    for end in depth..<prompt.count { fresh.insert(Array(prompt[...end])) }
                    break
                }
                parent = known
            }
        }
        return fresh.reduce(0) { $0 + shape.keyValueBytes(tokens: $1.last?.count ?? 0) }
    }

    /// Bytes that would be left if every segment that nobody uses, and that is not the beginning of
    /// these prompts, were dropped.
    package func bytes(keeping prompts: [[[TokenID]]]) -> Int {
        var kept: Set<ObjectIdentifier> = []
        for segment in prompts.flatMap(known) + segments.values.filter({ $0.userCount > 0 }) {
            var next: PromptSegment? = segment
            while let segment = next, kept.insert(ObjectIdentifier(segment)).inserted {
                next = segment.parent
            }
        }
        return segments.values.reduce(0) { sum, segment in
            sum + (kept.contains(ObjectIdentifier(segment)) ? bytes(of: segment) : 0)
        }
    }

    private func known(_ prompt: [[TokenID]]) -> [PromptSegment] {
        var found: [PromptSegment] = []
        for tokens in prompt {
            let key = Key(parent: found.last.map(ObjectIdentifier.init), tokens: tokens)
            guard let segment = segments[key] else { break }
            found.append(segment)
        }
        return found
    }

    /// Takes the last segment of a prompt into use, making the ones that are missing.
    package mutating func acquire(_ prompt: [[TokenID]]) -> PromptSegment? {
        clock += 1
        var current: PromptSegment?
        for tokens in prompt {
            current = segment(after: current, tokens)
            current?.lastUse = clock
        }
        current?.userCount += 1
        return current
    }

    private mutating func segment(
        after parent: PromptSegment?,
        _ tokens: [TokenID]
    ) -> PromptSegment {
        let key = Key(parent: parent.map(ObjectIdentifier.init), tokens: tokens)
        if let known = segments[key] { return known }
        let block = shape.makeBlock(tokens: tokens.count)
        let segment = PromptSegment(parent: parent, tokens: tokens, block: block)
        parent?.childCount += 1
        segments[key] = segment
        bytes += bytes(of: segment)
        return segment
    }

    /// Gives a segment back; it is kept for later requests until its room is needed.
    package mutating func release(_ segment: PromptSegment) {
        precondition(segment.userCount > 0)
        segment.userCount -= 1
        // Nobody will finish what a cancelled request began.
        var next: PromptSegment? = segment
        while let current = next, current.userCount == 0, current.childCount == 0,
            !current.isComplete
        {
            next = current.parent
            drop(current)
        }
    }

    /// Drops unused segments, the least recently used first, until at most `bytesMax` are kept or
    /// every one left is in use.
    package mutating func shrink(to bytesMax: Int) {
        while bytes > bytesMax {
            let unused = segments.values.filter { $0.userCount == 0 && $0.childCount == 0 }
            guard let oldest = unused.min(by: { $0.lastUse < $1.lastUse }) else { return }
            drop(oldest)
        }
    }

    private mutating func drop(_ segment: PromptSegment) {
        segments[Key(parent: segment.parent.map(ObjectIdentifier.init), tokens: segment.tokens)] =
            nil
        segment.parent?.childCount -= 1
        bytes -= bytes(of: segment)
    }

    private func bytes(of segment: PromptSegment) -> Int {
        shape.keyValueBytes(tokens: segment.tokens.count)
    }
}
