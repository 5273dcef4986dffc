/// The merges of byte-level BPE: words of bytes in, ids out.
///
/// In a word, the pair of neighbours whose merge has the lowest rank is merged first, the leftmost
/// one of equals, until no pair has a merge.
struct BytePairEncoding: Sendable {
    /// Stands for "no token" and "no merge".
    static let none = UInt32.max

    /// The token of each single byte; `none` where the vocabulary has none.
    ///
    /// Shape: [256].
    let byteIDs: [UInt32]
    /// The rank of the merge of two ids, the left one in the upper half of the key.
    private let ranks: [UInt64: UInt32]
    /// The id that each merge makes.
    ///
    /// Shape: [merges].
    private let mergedIDs: [UInt32]

    /// Takes tables that are already checked.
    init(byteIDs: [UInt32], ranks: [UInt64: UInt32], mergedIDs: [UInt32]) {
        self.byteIDs = byteIDs
        self.ranks = ranks
        self.mergedIDs = mergedIDs
    }

    /// The key of a pair in the table of ranks.
    static func key(_ left: UInt32, _ right: UInt32) -> UInt64 {
        UInt64(left) << 32 | UInt64(right)
    }

    /// Appends the ids of one word; bytes that have no token are left out before the merges.
    ///
    /// Cost: O(n log n) in the length of the word, whatever its text.
    func append(_ word: ArraySlice<UInt8>, to ids: inout [TokenID], using work: inout MergeWork) {
        work.begin()
        for byte in word where byteIDs[Int(byte)] != Self.none {
            work.append(byteIDs[Int(byte)])
        }
        for index in work.links.indices.dropLast() { offer(index, in: &work) }
        while let (index, rank) = work.queue.popFirst() {
            // A queued pair is out of date if one of its two tokens has been merged since.
            guard work.links[index].rank == rank else { continue }
            merge(at: index, into: mergedIDs[Int(rank)], in: &work)
        }
        work.appendIDs(to: &ids)
    }

    /// Joins a token with its right neighbour and looks at the two pairs that this makes.
    private func merge(at index: Int, into id: UInt32, in work: inout MergeWork) {
        work.join(at: index, into: id)
        offer(index, in: &work)
        let left = work.links[index].previous
        if left >= 0 { offer(left, in: &work) }
    }

    /// Queues the pair that starts at a token, if it has a merge.
    private func offer(_ index: Int, in work: inout MergeWork) {
        let next = work.links[index].next
        guard next < work.links.count else {
            work.links[index].rank = Self.none
            return
        }
        let rank = ranks[Self.key(work.links[index].id, work.links[next].id)] ?? Self.none
        work.links[index].rank = rank
        if rank != Self.none { work.queue.insert(index: index, rank: rank) }
    }
}

/// The working memory of the merges, kept from word to word: a linked list of tokens and a queue.
struct MergeWork {
    /// One token of the word and its neighbours.
    struct Link {
        var id: UInt32
        /// The rank of the merge with the right neighbour, or `BytePairEncoding.none`.
        var rank: UInt32
        var previous: Int
        var next: Int
    }

    /// The tokens by the place of their first byte; joined ones stay behind, out of the list.
    var links: [Link] = []
    /// The pairs that can be merged, lowest rank first.
    var queue = PairQueue()

    /// Forgets the word before.
    mutating func begin() {
        links.removeAll(keepingCapacity: true)
        queue.removeAll()
    }

    /// Adds a token at the end of the word.
    mutating func append(_ id: UInt32) {
        let index = links.count
        links.append(
            Link(id: id, rank: BytePairEncoding.none, previous: index - 1, next: index + 1)
        )
    }

    /// Makes one token of a token and its right neighbour.
    mutating func join(at index: Int, into id: UInt32) {
        let gone = links[index].next
        let next = links[gone].next
        links[gone].rank = BytePairEncoding.none
        links[index].id = id
        links[index].next = next
        if next < links.count { links[next].previous = index }
    }

    /// Appends the ids of the tokens that are left.
    func appendIDs(to ids: inout [TokenID]) {
        var index = 0
        while index < links.count {
            ids.append(TokenID(links[index].id))
            index = links[index].next
        }
    }
}
