import Inference
import Kernels
import Testing

/// What a row gives depends on its token and on what it sees alone, to the last bit.
@Suite("Batch invariance of the decoder")
struct BatchInvarianceTests {
    static let formats = ["f32", "bf16", "q8_0", "q4_0", "q4_1"]

    private typealias Numbers = TokenizerFixture.Numbers

    private func decoder(_ tiny: TinyEngine, threads: Int, rowsMax: Int) throws -> Decoder {
        Decoder(
            weights: tiny.weights,
            shape: tiny.shape,
            pool: try ComputePool(threadCount: threads),
            rowsMax: rowsMax
        )
    }

    /// The hidden states of each sequence alone, in one run of one thread.
    private func alone(_ sequences: [[TokenID]], _ tiny: TinyEngine) throws -> [[[Float]]] {
        let decoder = try decoder(tiny, threads: 1, rowsMax: 128)
        return sequences.map { tokens in
            let walk = SequenceWalk(tokens, cut: [tokens.count], shape: tiny.shape)
            let hidden = decoder.forward([walk.run(tokens.count)])
            return tokens.indices.map { hidden.copyRow($0) }
        }
    }

    private func cut(_ count: Int, _ random: inout Numbers) -> [Int] {
        var counts: [Int] = []
        var left = count
        while left > 0 {
            counts.append(Int.random(in: 1...left, using: &random))
            left -= counts[counts.count - 1]
        }
        return counts
    }

    /// Feeds random parts of random walks until all are done, and compares every row.
    private func feed(
        _ walks: [(walk: SequenceWalk, expected: [[Float]])],
        _ decoder: Decoder,
        _ random: inout Numbers
    ) -> Bool {
        var isSame = true
        while walks.contains(where: { !$0.walk.isDone }) {
            var room = decoder.rowsMax
            var batch: [(walk: SequenceWalk, expected: [[Float]], count: Int)] = []
            for (walk, expected) in walks.shuffled(using: &random)
            where !walk.isDone && room > 0 && (batch.isEmpty || Bool.random(using: &random)) {
                let most = min(room, walk.leftCount, Bool.random(using: &random) ? 1 : 20)
                let count = Int.random(in: 1...most, using: &random)
                batch.append((walk, expected, count))
                room -= count
            }
            let hidden = decoder.forward(batch.map { $0.walk.run($0.count) })
            var row = 0
            for (walk, expected, count) in batch {
                for place in walk.done..<walk.done + count {
                    isSame = isSame && bits(hidden.copyRow(row)) == bits(expected[place])
                    row += 1
                }
                walk.didFeed(count)
            }
        }
        return isSame
    }

    private func bits(_ row: [Float]) -> [UInt32] { row.map(\.bitPattern) }

    @Test(
        "a row has the same bits in any batch, chunks, cuts and forks, on any threads",
        arguments: formats
    )
    func rows(format: String) throws {
        let tiny = try TinyEngine(format)
        let sequences = [(47, 1), (30, 2), (61, 3), (5, 4)].map { tiny.prompt($0, seed: $1) }
        let expected = try alone(sequences, tiny)
        var random = Numbers(seed: 41)
        for round in 0..<12 {
            let rowsMax = Int.random(in: 2...96, using: &random)
            let decoder = try decoder(tiny, threads: 1 + round % 3, rowsMax: rowsMax)
            var walks = zip(sequences, expected).map { tokens, expected in
                let walk = SequenceWalk(
                    tokens,
                    cut: cut(tokens.count, &random),
                    shape: tiny.shape
                )
                return (walk: walk, expected: expected)
            }
            // Forks of one prompt, as samples are: they see the same segments.
            let forked = round % 3
            let count = Int.random(in: 1...29, using: &random)
            let prompt = SequenceWalk(
                sequences[forked],
                cut: [count, sequences[forked].count - count],
                shape: tiny.shape
            )
            while prompt.done < count {
                let part = min(prompt.leftCount, rowsMax)
                _ = decoder.forward([prompt.run(part)])
                prompt.didFeed(part)
            }
            walks += (0..<Int.random(in: 1...14, using: &random)).map { _ in
                (SequenceWalk(forking: prompt), expected[forked])
            }
            #expect(feed(walks, decoder, &random), "\(format), round \(round), \(rowsMax) rows")
        }
    }

    @Test("logits have the same bits in any batch, on any threads", arguments: formats)
    func logits(format: String) throws {
        let tiny = try TinyEngine(format)
        let states = try alone([tiny.prompt(40, seed: 5)], tiny)[0]
        let single = try decoder(tiny, threads: 1, rowsMax: 8)
        let expected = states.map { bits(single.logits(of: [$0]).copyRow(0)) }
        var random = Numbers(seed: 42)
        for threads in 1...3 {
            let decoder = try decoder(tiny, threads: threads, rowsMax: 8)
            for _ in 0..<20 {
                let count = Int.random(in: 1...decoder.logitRowsMax, using: &random)
                let some = (0..<count).map { _ in Int.random(in: 0..<40, using: &random) }
                let found = decoder.logits(of: some.map { states[$0] })
                let isSame = some.enumerated().allSatisfy { row, state in
                    bits(found.copyRow(row)) == expected[state]
                }
                #expect(isSame, "\(format), \(count) rows, \(threads) threads")
            }
        }
    }
}
