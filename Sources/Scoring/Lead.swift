/// The response that is strictly ahead, and by how much over each rival in each judgment.
struct Lead: Hashable, Sendable {
    let leader: Int
    /// The leader's score less the rival's; 0 where the judgment does not count.
    ///
    /// Shape: [rivals][judgments]
    let differences: [[Double]]

    /// The response whose total is strictly the greatest; nil for a tie at the top.
    ///
    /// - Parameter rows: The scores of each judgment; nil for one that does not count.
    /// - Returns: Its index.
    static func leader(of rows: [[Double]?]) -> Int? {
        let counted = rows.compactMap(\.self)
        guard let count = counted.first?.count else { return nil }
        let totals = (0..<count).map { response in counted.reduce(0) { $0 + $1[response] } }
        guard let greatest = totals.max() else { return nil }
        let leaders = totals.indices.filter { totals[$0] == greatest }
        return leaders.count == 1 ? leaders.first : nil
    }

    /// Takes the differences of a response to all others.
    init(of leader: Int, in rows: [[Double]?], responseCount: Int) {
        self.leader = leader
        differences = (0..<responseCount).filter { $0 != leader }.map { rival in
            rows.map { row in row.map { $0[leader] - $0[rival] } ?? 0 }
        }
    }
}
