/// Rows of text in columns as wide as they need to be.
struct TextTable {
    private let rightAligned: Set<Int>
    private let hasHeader: Bool
    private var rows: [[String]]

    init(header: [String] = [], rightAligned: Set<Int> = []) {
        hasHeader = !header.isEmpty
        rows = hasHeader ? [header] : []
        self.rightAligned = rightAligned
    }

    mutating func add(_ row: [String]) {
        rows.append(row)
    }

    /// The lines, without an end of line after the last.
    func text(isColoured: Bool) -> String {
        let columnCount = rows.map(\.count).max() ?? 0
        let widths = (0..<columnCount).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.enumerated().map { index, row in
            let line = self.line(row, widths)
            return hasHeader && index == 0 && isColoured ? "\u{1b}[1m\(line)\u{1b}[0m" : line
        }.joined(separator: "\n")
    }

    private func line(_ row: [String], _ widths: [Int]) -> String {
        var line = row.enumerated().map { column, text in
            let padding = String(repeating: " ", count: widths[column] - text.count)
            return rightAligned.contains(column) ? padding + text : text + padding
        }.joined(separator: "  ")
        while line.last == " " { line.removeLast() }
        return line
    }
}
