/// All responses in one prompt: principles, critique, one score each.
///
/// Source: arXiv 2504.02495, sections 2.1 and 4.
struct ListJudging: JudgingWay {
    let reading: PartReading
    let cases: [PromptCase]
    private let plan: PermutationPlan

    init(_ request: ScoreRequest) {
        reading = .line(isWeighed: request.readout == .expected)
        plan = PermutationPlan(responseCount: request.responses.count, seed: request.seed)
        cases = plan.orders.map { PromptCase(.scores, order: $0, isDirect: request.isDirect) }
    }

    func places(ofSample index: Int) -> [Int] { [plan.orderIndex(ofSample: index)] }

    /// The order is drawn from the seed already.
    func salt(of shown: PromptCase) -> UInt64 { 0 }

    func scores(of parts: [JudgmentPart]) -> [Double] { Self.scores(of: parts) }

    /// Puts the scores of the responses as shown into the order of the request.
    static func scores(of parts: [JudgmentPart]) -> [Double] {
        guard let part = parts.first else { return [] }
        var scores = [Double](repeating: 0, count: part.shown.order.count)
        for (response, score) in zip(part.shown.order, part.scores) { scores[response] = score }
        return scores
    }
}
