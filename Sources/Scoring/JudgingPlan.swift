/// The prompts of all judgments of a request, and how their answers become judgments.
package struct JudgingPlan: Sendable {
    /// The distinct prompts.
    package let cases: [PromptCase]
    /// What is read of each.
    package let reading: PartReading
    private let way: any JudgingWay
    private let request: ScoreRequest

    /// Plans by the request's mode.
    package init(_ request: ScoreRequest) {
        let way: any JudgingWay =
            switch request.mode {
            case .list: ListJudging(request)
            case .isolated: IsolatedJudging(request)
            case .pairwise: PairwiseJudging(request)
            case .tokenProbability: TokenProbabilityJudging(request)
            case .likelihood: LikelihoodJudging(request)
            case .scalar: ScalarJudging(request)
            case .semiScalar: SemiScalarJudging(request)
            }
        self.way = way
        self.request = request
        cases = way.cases
        reading = way.reading
    }

    /// The places in `cases` of what a sample sees, one for each of its parts.
    package func places(ofSample index: Int) -> [Int] { way.places(ofSample: index) }

    /// The seed of the random numbers with which a case is judged; samples have streams of it.
    package func seed(ofCase place: Int) -> UInt64 {
        request.seed ^ way.salt(of: cases[place])
    }

    /// Puts the parts of a sample together, given in the order of its places.
    package func judgment(_ index: Int, parts: [JudgmentPart]) -> Judgment {
        Judgment(index: index, parts: parts, scores: way.scores)
    }
}
