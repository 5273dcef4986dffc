/// Which of two is better, read from the probabilities of the verdict, without a critique.
///
/// One judgment reads every pair in both orders, so nothing is left to chance and one is enough.
///
/// Source: METHOD, the paper's baselines.
struct TokenProbabilityJudging: JudgingWay {
    let reading = PartReading.line(isWeighed: true)
    let cases: [PromptCase]
    private let pairs: ResponsePairs

    init(_ request: ScoreRequest) {
        pairs = ResponsePairs(request)
        cases = pairs.orders.map { PromptCase(.pair, order: $0, isDirect: true) }
    }

    func places(ofSample index: Int) -> [Int] { Array(cases.indices) }
    func salt(of shown: PromptCase) -> UInt64 { 0 }
    func scores(of parts: [JudgmentPart]) -> [Double] { pairs.scores(of: parts) }
}
