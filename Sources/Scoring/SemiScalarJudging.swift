/// A critique of each response in its own prompt, then what a scalar head says at its end.
///
/// Source: METHOD, the paper's baselines (CLoud).
struct SemiScalarJudging: JudgingWay {
    let reading = PartReading.critiqueHead
    let cases: [PromptCase]
    private let lone: LoneResponses
    private let request: ScoreRequest

    init(_ request: ScoreRequest) {
        self.request = request
        lone = LoneResponses(request)
        cases = lone.firsts.map { PromptCase(.scores, order: [$0]) }
    }

    func places(ofSample index: Int) -> [Int] { Array(cases.indices) }
    func salt(of shown: PromptCase) -> UInt64 { request.contentHash(shown) }
    func scores(of parts: [JudgmentPart]) -> [Double] { lone.scores(of: parts) }
}
