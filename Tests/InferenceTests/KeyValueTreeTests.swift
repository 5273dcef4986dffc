import Inference
import Kernels
import Testing

@Suite("The tree of kept prompts")
struct KeyValueTreeTests {
    private let shape: ModelShape
    /// Of a segment of a few tokens: room is taken for sixteen at a time.
    private let segmentBytes: Int

    init() throws {
        shape = try TinyEngine.shape()
        segmentBytes = shape.keyValueBytes(tokens: 1)
    }

    private func tokens(_ values: UInt32...) -> [TokenID] { values.map { TokenID($0) } }

    private func take(
        _ prompt: [[TokenID]],
        from tree: inout KeyValueTree
    ) throws -> PromptSegment {
        let segment = tree.acquire(prompt)
        return try #require(segment)
    }

    private func complete(_ segment: PromptSegment?) {
        var next = segment
        while let current = next {
            current.block.count = current.tokens.count
            next = current.parent
        }
    }

    @Test("prompts with one beginning share its segment, equal prompts share all")
    func sharing() throws {
        var tree = KeyValueTree(shape: shape)
        let one = try take([tokens(1, 2), tokens(3)], from: &tree)
        let two = try take([tokens(1, 2), tokens(4)], from: &tree)
        let same = try take([tokens(1, 2), tokens(3)], from: &tree)
        #expect(one === same)
        #expect(one !== two)
        #expect(one.parent === two.parent)
        #expect(tree.bytes == 3 * segmentBytes)
        #expect(one.start == 2 && one.end == 3)
        #expect(one.parent?.start == 0)
    }

    @Test("a segment takes the bytes of its tokens, sixteen at a time")
    func bytes() throws {
        for (count, groups) in [(1, 1), (16, 1), (17, 2), (160, 10)] {
            var tree = KeyValueTree(shape: shape)
            let prompt = [(0..<UInt32(count)).map { TokenID($0) }]
            #expect(tree.newBytes(for: [prompt]) == groups * segmentBytes)
            let segment = try take(prompt, from: &tree)
            #expect(tree.bytes == groups * segmentBytes)
            #expect(segment.block.capacity == 16 * groups)
        }
        // A number is 16 bits, and each head of a token has a scale of 32.
        let headBytes = 2 * shape.headWidth + 4
        let perToken = 2 * shape.layerCount * shape.keyValueHeads * headBytes
        #expect(segmentBytes == 16 * perToken)
    }

    @Test("equal tokens after different beginnings, or cut elsewhere, are different segments")
    func distinct() throws {
        var tree = KeyValueTree(shape: shape)
        let one = try take([tokens(1), tokens(9)], from: &tree)
        let two = try take([tokens(2), tokens(9)], from: &tree)
        let three = try take([tokens(1, 9)], from: &tree)
        #expect(one !== two)
        #expect(three.parent == nil)
        #expect(tree.bytes == 5 * segmentBytes)
    }

    @Test("what prompts need is counted once and only if it is not there")
    func newBytes() throws {
        var tree = KeyValueTree(shape: shape)
        let prompts = [[tokens(1, 2), tokens(3)], [tokens(1, 2), tokens(4, 5)], [tokens(1, 2)]]
        #expect(tree.newBytes(for: prompts) == 3 * segmentBytes)
        let held = try take([tokens(1, 2), tokens(3)], from: &tree)
        #expect(tree.newBytes(for: prompts) == segmentBytes)
        _ = tree.acquire(prompts[1])
        #expect(tree.newBytes(for: prompts) == 0)
        #expect(held.tokens == tokens(3))
    }

    @Test("the least recently used segments go first")
    func leastRecentlyUsed() throws {
        var tree = KeyValueTree(shape: shape)
        for id in UInt32(1)...3 {
            let segment = try take([tokens(id)], from: &tree)
            complete(segment)
            tree.release(segment)
        }
        let again = try take([tokens(1)], from: &tree)
        tree.release(again)
        tree.shrink(to: 2 * segmentBytes)
        #expect(tree.newBytes(for: [[tokens(2)]]) == segmentBytes)
        #expect(tree.newBytes(for: [[tokens(1)], [tokens(3)]]) == 0)
        tree.shrink(to: segmentBytes)
        #expect(tree.newBytes(for: [[tokens(1)]]) == 0)
        #expect(tree.newBytes(for: [[tokens(3)]]) == segmentBytes)
    }

    @Test("what is in use stays, with everything before it, however little room there is")
    func inUse() throws {
        var tree = KeyValueTree(shape: shape)
        let used = try take([tokens(1, 2), tokens(3)], from: &tree)
        let idle = try take([tokens(1, 2), tokens(4)], from: &tree)
        complete(used)
        complete(idle)
        tree.release(idle)
        tree.shrink(to: 0)
        #expect(tree.bytes == 2 * segmentBytes)
        #expect(tree.bytes(keeping: []) == 2 * segmentBytes)
        tree.release(used)
        #expect(tree.bytes(keeping: []) == 0)
        #expect(tree.bytes(keeping: [[tokens(1, 2), tokens(8)]]) == segmentBytes)
        tree.shrink(to: 0)
        #expect(tree.bytes == 0)
    }

    @Test("a segment that two hold goes only after both gave it back")
    func twoHolders() throws {
        var tree = KeyValueTree(shape: shape)
        let one = try take([tokens(1)], from: &tree)
        let two = try take([tokens(1)], from: &tree)
        complete(one)
        tree.release(one)
        tree.shrink(to: 0)
        #expect(tree.bytes == segmentBytes)
        tree.release(two)
        tree.shrink(to: 0)
        #expect(tree.bytes == 0)
    }

    @Test("a segment given back half done is dropped; its finished beginning is kept")
    func halfDone() throws {
        var tree = KeyValueTree(shape: shape)
        let segment = try take([tokens(1, 2), tokens(3, 4)], from: &tree)
        complete(segment.parent)
        segment.block.count = 1
        tree.release(segment)
        #expect(tree.bytes == segmentBytes)
        #expect(tree.newBytes(for: [[tokens(1, 2)]]) == 0)
    }

    @Test("a half-done segment that another request holds is kept for it")
    func halfDoneShared() throws {
        var tree = KeyValueTree(shape: shape)
        let one = try take([tokens(1, 2)], from: &tree)
        let two = try take([tokens(1, 2), tokens(3)], from: &tree)
        one.block.count = 1
        tree.release(one)
        #expect(tree.bytes == 2 * segmentBytes)
        #expect(two.parent === one)
        tree.release(two)
        #expect(tree.bytes == 0)
    }

    /// A small model of the tree: which prompts are held.
    ///
    /// Random acquires, releases and shrinks.
    @Test("bytes are those of the segments, and everything goes when nobody holds anything")
    func accounting() throws {
        var random = TokenizerFixture.Numbers(seed: 11)
        var tree = KeyValueTree(shape: shape)
        var held: [PromptSegment] = []
        for _ in 0..<2000 {
            if Bool.random(using: &random) {
                let depth = Int.random(in: 1...3, using: &random)
                let prompt = (0..<depth).map { _ in tokens(UInt32.random(in: 0...2, using: &random))
                }
                let before = tree.bytes
                let fresh = tree.newBytes(for: [prompt])
                let segment = try take(prompt, from: &tree)
                #expect(tree.bytes == before + fresh)
                if Bool.random(using: &random) { complete(segment) }
                held.append(segment)
            } else if let index = held.indices.randomElement(using: &random) {
                tree.release(held.remove(at: index))
            }
            if Int.random(in: 0..<10, using: &random) == 0 {
                let kept = tree.bytes(keeping: [])
                tree.shrink(to: 0)
                #expect(tree.bytes == kept)
            }
        }
        for segment in held { tree.release(segment) }
        tree.shrink(to: 0)
        #expect(tree.bytes == 0)
    }
}
