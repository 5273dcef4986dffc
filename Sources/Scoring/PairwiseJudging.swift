/// Which of two is better, read from the text, for every pair of responses.
///
/// Samples 2j and 2j + 1 see each pair in one order and in the other. A response's score is the mean
/// over its rivals of what it won.
///
/// Source: METHOD, the paper's baselines (LLM-as-a-judge).
struct PairwiseJudging: JudgingWay {
    let reading: PartReading
    let cases: [PromptCase]
    private let pairs: ResponsePairs
    private let request: ScoreRequest

    init(_ request: ScoreRequest) {
        self.request = request
        reading = .line(isWeighed: request.readout == .expected)
        pairs = ResponsePairs(request)
        cases = pairs.orders.map { PromptCase(.pair, order: $0, isDirect: request.isDirect) }
    }

    func places(ofSample index: Int) -> [Int] {
        cases.indices.filter { $0 % 2 == index % 2 }
    }

    func salt(of shown: PromptCase) -> UInt64 { request.contentHash(shown) }
    func scores(of parts: [JudgmentPart]) -> [Double] { pairs.scores(of: parts) }
}

/// The pairs of a request's responses, each in both orders.
struct ResponsePairs: Hashable, Sendable {
    /// Every pair once in each order, one right behind the other; the seed says which is first.
    let orders: [[Int]]
    private let responseCount: Int

    init(_ request: ScoreRequest) {
        responseCount = request.responses.count
        var random = CounterRandom(seed: request.seed, stream: Self.stream)
        var orders: [[Int]] = []
        for first in 0..<responseCount {
            for second in (first + 1)..<max(responseCount, first + 1) {
                let isTurned = random.next(below: 2) == 1
                let order = isTurned ? [second, first] : [first, second]
                orders += [order, order.reversed()]
            }
        }
        self.orders = orders
    }

    /// The mean of what each response won in the parts that show it.
    func scores(of parts: [JudgmentPart]) -> [Double] {
        var won = [Double](repeating: 0, count: responseCount)
        var count = [Double](repeating: 0, count: responseCount)
        for part in parts {
            for (response, score) in zip(part.shown.order, part.scores) {
                won[response] += score
                count[response] += 1
            }
        }
        return zip(won, count).map { $0 / $1 }
    }

    /// Keeps these numbers apart from any other use of the request's seed.
    private static let stream: UInt64 = 0x7061_6972_73
}
