/// Each response in its own prompt: no position, no company.
///
/// A response gets the same scores whatever it is judged with, so equal responses are judged once.
struct IsolatedJudging: JudgingWay {
    let reading: PartReading
    let cases: [PromptCase]
    private let lone: LoneResponses
    private let request: ScoreRequest

    init(_ request: ScoreRequest) {
        self.request = request
        reading = .line(isWeighed: request.readout == .expected)
        lone = LoneResponses(request)
        cases = lone.firsts.map { PromptCase(.scores, order: [$0], isDirect: request.isDirect) }
    }

    func places(ofSample index: Int) -> [Int] { Array(cases.indices) }
    func salt(of shown: PromptCase) -> UInt64 { request.contentHash(shown) }
    func scores(of parts: [JudgmentPart]) -> [Double] { lone.scores(of: parts) }
}

/// The responses of a request by their content, for the ways that read each alone.
struct LoneResponses: Hashable, Sendable {
    /// The index of the first response of each content.
    let firsts: [Int]
    /// For each response the place of its content in `firsts`.
    private let places: [Int]

    init(_ request: ScoreRequest) {
        var known: [[UInt8]: Int] = [:]
        var firsts: [Int] = []
        // Byte for byte: Swift's equality of strings takes several spellings for one.
        places = request.responses.enumerated().map { index, response in
            let bytes = Array(response.content.utf8)
            if let place = known[bytes] { return place }
            known[bytes] = firsts.count
            firsts.append(index)
            return firsts.count - 1
        }
        self.firsts = firsts
    }

    /// The scores of all responses, from one part for each content.
    func scores(of parts: [JudgmentPart]) -> [Double] {
        places.map { parts[$0].scores[0] }
    }
}
