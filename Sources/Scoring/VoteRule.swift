/// What of the judgments counts in a vote.
package struct VoteRule: Hashable, Sendable {
    /// Number of responses, each of which every counted judgment scored.
    package let responseCount: Int
    /// Which of the judgments count.
    package var filter: MetaFilter
    /// Indexes of the responses that get the lowest score whatever the judge says.
    package var flooredIndexes: Set<Int>
    /// The lowest score.
    package var floor: Double

    /// Makes a rule; the plain one counts every judgment and floors no response.
    package init(
        responseCount: Int,
        filter: MetaFilter = MetaFilter(),
        flooredIndexes: Set<Int> = [],
        floor: Double = 1
    ) {
        precondition(responseCount >= 1, "a vote needs a response")
        self.responseCount = responseCount
        self.filter = filter
        self.flooredIndexes = flooredIndexes
        self.floor = floor
    }

    /// The rule of a request.
    ///
    /// Validation lets the floor through only where scores have a lower bound.
    package init(_ request: ScoreRequest) {
        let floor = request.mode.scoreRange?.lowerBound
        let isFlooring = request.hostileInputs == .floor && floor != nil
        self.init(
            responseCount: request.responses.count,
            filter: MetaFilter(keptCount: request.kMeta, threshold: request.metaThreshold),
            flooredIndexes: isFlooring ? Self.worthless(request.responseFlags) : [],
            floor: floor ?? 0
        )
    }

    private static func worthless(_ flags: [[ResponseFlag]]) -> Set<Int> {
        Set(flags.indices.filter { flags[$0].contains(.empty) || flags[$0].contains(.degenerate) })
    }

    /// What a judgment contributes: its scores, if it has one for each response.
    func ballot(of judgment: Judgment) -> Ballot {
        guard judgment.outcome == .scored, judgment.scores.count == responseCount else {
            return Ballot(index: judgment.index, scores: nil, metaScore: judgment.metaScore)
        }
        var scores = judgment.scores
        for index in flooredIndexes { scores[index] = floor }
        return Ballot(index: judgment.index, scores: scores, metaScore: judgment.metaScore)
    }
}
