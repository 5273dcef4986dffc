/// What a scalar head says at the end of the response, after the conversation.
///
/// Source: METHOD, the paper's baselines (Bradley-Terry).
struct ScalarJudging: JudgingWay {
    let reading = PartReading.head
    let cases: [PromptCase]
    private let lone: LoneResponses

    init(_ request: ScoreRequest) {
        lone = LoneResponses(request)
        cases = lone.firsts.map { PromptCase(.chat, order: [$0]) }
    }

    func places(ofSample index: Int) -> [Int] { Array(cases.indices) }
    func salt(of shown: PromptCase) -> UInt64 { 0 }
    func scores(of parts: [JudgmentPart]) -> [Double] { lone.scores(of: parts) }
}
