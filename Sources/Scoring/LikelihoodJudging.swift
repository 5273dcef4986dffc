/// The mean log-probability of the response's tokens, its end included, after the conversation.
///
/// A baseline that needs no training: the model is asked nothing.
struct LikelihoodJudging: JudgingWay {
    let reading = PartReading.likelihood
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
