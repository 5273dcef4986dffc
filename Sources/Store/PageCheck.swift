import Foundation

/// Checks every page that LMDB would follow in a file, reading it as a plain file.
///
/// LMDB trusts its pages: a wrong offset or page number makes it read or write outside them, which
/// ends the process. A sealed pack is known by its digest; a file that is being written has none, so
/// that one is walked as LMDB would walk it before LMDB may open it. What passes has two trees of
/// sound pages in which no page occurs twice or is free as well. What lies in the values is not
/// looked at.
///
/// Source: struct MDB_page, MDB_node, MDB_db and MDB_meta of LMDB 0.9, for 64-bit little-endian.
struct PageCheck {
    /// The tree of entries, or that of free pages.
    private enum Tree {
        case entries, freePages
    }

    /// What a tree has been found to hold, as far as it was walked.
    private struct Progress {
        let tree: Tree
        let depth: Int
        var entryCount: UInt64 = 0
        /// The last key of a leaf, and the least that the next may be.
        var lastKey: [UInt8] = []
        var floor: [UInt8] = []
    }

    private let path: String
    private let bytes: Data
    private let pageBytes: Int
    private let transaction: UInt64
    private var isTaken: [Bool] = []

    private static let noPage = UInt64.max
    private static let (branchFlag, leafFlag, overflowFlag) = (1, 2, 4)
    private static let bigValueFlag = 1
    /// MDB_INTEGERKEY, and MDB_NOSUBDIR as the file was made with; any other could make LMDB map it
    /// elsewhere or read it differently.
    private static let freeTreeFlags: UInt64 = 0x4008
    private static let headerBytes = 16
    private static let nodeBytes = 8
    /// The stack of LMDB's cursors has 32 places.
    private static let depthMax = 31

    /// Walks the file at `path`.
    ///
    /// Throws: `corrupt` for the first page that is not sound; what `PackFile.extent` throws.
    /// Cost: one read of the pages, not of long values.
    static func run(_ path: String) throws(StoreError) {
        let extent = try PackFile.extent(of: path)
        let bytes = try StoreError.onFile(path, "a file that can be read") {
            try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        }
        var check = PageCheck(path, bytes, pageBytes: extent.pageBytes)
        try check.walkTrees()
    }

    private init(_ path: String, _ bytes: Data, pageBytes: Int) {
        self.path = path
        self.bytes = bytes
        self.pageBytes = pageBytes
        let numbers = [0, pageBytes].map { Self.number(bytes, $0 + 144, 8) }
        transaction = max(numbers[0], numbers[1])
    }

    private mutating func walkTrees() throws(StoreError) {
        let isSecondNewer = number(pageBytes + 144, 8) > number(144, 8)
        let header = isSecondNewer ? pageBytes : 0
        let lastPage = number(header + 136, 8)
        guard lastPage >= 1, lastPage < UInt64(bytes.count / pageBytes) else {
            throw corrupt("a last page inside the file", "page \(lastPage)")
        }
        // The first two are the headers.
        isTaken = [true, true] + Array(repeating: false, count: Int(lastPage) - 1)
        try require(
            number(header + 44, 2) == Self.freeTreeFlags && number(header + 92, 2) == 0,
            "the flags of a cache",
            header
        )
        // The entries first: their pages are then known when a list of free ones claims them.
        try walk(.entries, describedAt: header + 88)
        try walk(.freePages, describedAt: header + 40)
    }

    private mutating func walk(_ tree: Tree, describedAt place: Int) throws(StoreError) {
        let root = number(place + 40, 8)
        var progress = Progress(tree: tree, depth: Int(number(place + 6, 2)))
        if root != Self.noPage {
            try require(
                (1...Self.depthMax).contains(progress.depth),
                "a depth of 1 to \(Self.depthMax)",
                place
            )
            try visit(root, level: 1, &progress)
        }
        try require(
            (root != Self.noPage || progress.depth == 0)
                && progress.entryCount == number(place + 32, 8),
            "as many entries as the header says",
            place
        )
    }

    private mutating func visit(
        _ number: UInt64,
        level: Int,
        _ progress: inout Progress
    ) throws(StoreError) {
        let page = try take(number, count: 1)
        let isLeaf = level == progress.depth
        try require(
            self.number(page, 8) == number
                && Int(self.number(page + 10, 2)) == (isLeaf ? Self.leafFlag : Self.branchFlag),
            "a \(isLeaf ? "leaf" : "branch") page",
            page
        )
        let nodes = try nodes(of: page, isLeaf: isLeaf)
        try require(nodes.count >= (isLeaf ? 1 : 2), "enough nodes", page)
        for (index, node) in nodes.enumerated() {
            if isLeaf {
                try checkEntry(node, page, &progress)
            } else {
                // The first key of a branch page is never read.
                if index > 0 { try checkSeparator(node, &progress) }
                try visit(childPage(node), level: level + 1, &progress)
            }
        }
    }

    // MARK: Nodes

    /// Where the nodes of a page begin, in order of their keys.
    ///
    /// Together they fill the page from its upper bound to its end without a gap, which is what LMDB
    /// counts on when it moves them.
    private func nodes(of page: Int, isLeaf: Bool) throws(StoreError) -> [Int] {
        let (lower, upper) = (Int(number(page + 12, 2)), Int(number(page + 14, 2)))
        try require(
            lower >= Self.headerBytes && lower <= upper && upper <= pageBytes && lower % 2 == 0,
            "bounds inside the page",
            page
        )
        let nodes = stride(from: page + Self.headerBytes, to: page + lower, by: 2).map {
            page + Int(number($0, 2))
        }
        var end = page + upper
        for node in nodes.sorted() {
            try require(
                node == end && node + Self.nodeBytes <= page + pageBytes,
                "nodes without gaps",
                page
            )
            end += byteCount(node, isLeaf: isLeaf)
        }
        try require(end == page + pageBytes, "nodes up to its end", page)
        return nodes
    }

    private func byteCount(_ node: Int, isLeaf: Bool) -> Int {
        let content =
            !isLeaf ? 0 : flags(node) & Self.bigValueFlag != 0 ? 8 : valueBytes(node)
        return (Self.nodeBytes + keyBytes(node) + content + 1) & ~1
    }

    private func flags(_ node: Int) -> Int { Int(number(node + 4, 2)) }
    private func keyBytes(_ node: Int) -> Int { Int(number(node + 6, 2)) }
    private func valueBytes(_ node: Int) -> Int { Int(number(node, 4)) }
    private func childPage(_ node: Int) -> UInt64 { number(node, 6) }

    /// A key whose order is that of its bytes.
    private func key(_ node: Int, _ tree: Tree) throws(StoreError) -> [UInt8] {
        let count = keyBytes(node)
        let start = node + Self.nodeBytes
        switch tree {
        case .entries:
            try require((1...RecordFormat.longestKeyBytes).contains(count), "a key", node)
            return [UInt8](bytes[start..<start + count])
        case .freePages:
            try require(
                count == 8 && (1...transaction).contains(number(start, 8)),
                "the number of a transaction",
                node
            )
            return [UInt8](bytes[start..<start + count].reversed())
        }
    }

    private func checkSeparator(_ node: Int, _ progress: inout Progress) throws(StoreError) {
        let key = try key(node, progress.tree)
        try require(
            progress.lastKey.lexicographicallyPrecedes(key)
                && !key.lexicographicallyPrecedes(progress.floor),
            "keys in order",
            node
        )
        progress.floor = key
    }

    private mutating func checkEntry(
        _ node: Int,
        _ page: Int,
        _ progress: inout Progress
    ) throws(StoreError) {
        let key = try key(node, progress.tree)
        try require(
            progress.lastKey.lexicographicallyPrecedes(key)
                && !key.lexicographicallyPrecedes(progress.floor),
            "keys in order",
            node
        )
        progress.lastKey = key
        progress.entryCount += 1
        let value = try value(node, page)
        if progress.tree == .freePages { try takeFreePages(value, count: valueBytes(node)) }
    }

    /// Where a value lies; takes the pages that it has of its own.
    private mutating func value(_ node: Int, _ page: Int) throws(StoreError) -> Int {
        let place = node + Self.nodeBytes + keyBytes(node)
        try require(flags(node) & ~Self.bigValueFlag == 0, "a plain value", page)
        guard flags(node) == Self.bigValueFlag else { return place }
        let number = number(place, 8)
        let first = try take(number, count: 1)
        let count = Int(self.number(first + 12, 4))
        let needed = (Self.headerBytes - 1 + valueBytes(node)) / pageBytes + 1
        try require(
            self.number(first, 8) == number && count >= needed
                && Int(self.number(first + 10, 2)) == Self.overflowFlag,
            "\(needed) pages of one value",
            first
        )
        if count > 1 { _ = try take(number + 1, count: count - 1) }
        return first + Self.headerBytes
    }

    /// Takes the pages of a list: how many, and their numbers, which fall.
    private mutating func takeFreePages(_ list: Int, count: Int) throws(StoreError) {
        try require(count >= 8 && number(list, 8) < UInt64(count / 8), "a list of pages", list)
        var previous = UInt64.max
        for index in 0..<Int(number(list, 8)) {
            let page = number(list + 8 + 8 * index, 8)
            try require(page < previous, "pages in falling order", list)
            previous = page
            _ = try take(page, count: 1)
        }
    }

    // MARK: Pages and numbers

    /// Marks pages as used; each may be used once.
    ///
    /// - Returns: Where the first one begins.
    private mutating func take(_ page: UInt64, count: Int) throws(StoreError) -> Int {
        let pageCount = UInt64(isTaken.count)
        guard page < pageCount, UInt64(count) <= pageCount - page else {
            throw corrupt("a page below \(pageCount)", "page \(page)")
        }
        let first = Int(page)
        for index in first..<first + count {
            guard !isTaken[index] else {
                throw corrupt("a page used once", "page \(index) used twice")
            }
            isTaken[index] = true
        }
        return first * pageBytes
    }

    private func require(_ isSo: Bool, _ expected: String, _ place: Int) throws(StoreError) {
        guard isSo else { throw corrupt(expected, "other bytes at \(place)") }
    }

    private func corrupt(_ expected: String, _ found: String) -> StoreError {
        StoreError(.corrupt, path, expected: expected, found: found)
    }

    private func number(_ place: Int, _ width: Int) -> UInt64 { Self.number(bytes, place, width) }

    private static func number(_ bytes: Data, _ place: Int, _ width: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<width { value |= UInt64(bytes[place + index]) << (8 * index) }
        return value
    }
}
