/// A binary heap of mergeable pairs: lowest rank first, then leftmost.
struct PairQueue {
    /// Rank in the upper half, place in the lower: the order of the numbers is the order of merging.
    private var keys: [UInt64] = []

    /// Empties the queue and keeps its memory.
    mutating func removeAll() {
        keys.removeAll(keepingCapacity: true)
    }

    /// Adds a pair by the place of its left token.
    ///
    /// Cost: O(log n).
    mutating func insert(index: Int, rank: UInt32) {
        let key = UInt64(rank) << 32 | UInt64(UInt32(index))
        var hole = keys.count
        keys.append(key)
        while hole > 0 {
            let parent = (hole - 1) / 2
            guard keys[parent] > key else { break }
            keys[hole] = keys[parent]
            hole = parent
        }
        keys[hole] = key
    }

    /// Takes out the pair that is merged next.
    ///
    /// Cost: O(log n).
    mutating func popFirst() -> (index: Int, rank: UInt32)? {
        guard let first = keys.first, let last = keys.popLast() else { return nil }
        if !keys.isEmpty { sink(last) }
        return (Int(UInt32(truncatingIfNeeded: first)), UInt32(first >> 32))
    }

    /// Puts a key where the first one was and lets it down to its place.
    private mutating func sink(_ key: UInt64) {
        var hole = 0
        while true {
            var child = 2 * hole + 1
            guard child < keys.count else { break }
            if child + 1 < keys.count, keys[child + 1] < keys[child] { child += 1 }
            guard keys[child] < key else { break }
            keys[hole] = keys[child]
            hole = child
        }
        keys[hole] = key
    }
}
