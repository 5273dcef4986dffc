/// Decides which tokens go into the next step; bookkeeping only.
///
/// Every running sample advances in every step as long as there is room; what is left, up to one
/// chunk, goes to the prompts, one request after the other in turn.
package struct Scheduler: Hashable, Sendable {
    /// The most tokens of one step.
    package let rowsMax: Int
    /// The most prompt tokens of one step: what a running sample may have to wait for.
    package let chunkMax: Int
    private var turn = 0

    /// One share of a step: `count` tokens of the sample or prompt at `index`.
    package struct Share: Hashable, Sendable {
        package let index: Int
        package let count: Int
    }

    /// Makes a scheduler; a step has room for more than one chunk.
    package init(rowsMax: Int, chunkMax: Int) {
        precondition(chunkMax > 0 && rowsMax > chunkMax)
        self.rowsMax = rowsMax
        self.chunkMax = chunkMax
    }

    /// Shares out one step.
    ///
    /// - Parameters:
    ///   - samples: Tokens that each running sample waits to feed; 0 waits for none.
    ///   - prompts: Tokens that each unfinished prompt still has to feed, in order of arrival.
    /// - Returns: Shares of at least one token, each index once.
    package mutating func plan(
        samples: [Int],
        prompts: [Int]
    ) -> (samples: [Share], prompts: [Share]) {
        turn &+= 1
        var room = prompts.contains { $0 > 0 } ? rowsMax - chunkMax : rowsMax
        let sampleShares = shares(of: samples, room: &room)
        var chunk = chunkMax
        return (sampleShares, shares(of: prompts, room: &chunk))
    }

    private func shares(of waiting: [Int], room: inout Int) -> [Share] {
        var shares: [Share] = []
        for offset in waiting.indices where room > 0 {
            let index = (offset + turn) % waiting.count
            let count = min(waiting[index], room)
            guard count > 0 else { continue }
            shares.append(Share(index: index, count: count))
            room -= count
        }
        return shares
    }
}
