package import Inference
package import Scoring

/// The prompts of a request as tokens, and what its samples add to them.
package struct JudgingPrompts: Sendable {
    /// One prompt, and the plan of the samples that continue it.
    package struct Entry: Sendable {
        /// The responses shown, and what is asked.
        package let shown: PromptCase
        /// Place of the case in the way of judging.
        package let place: Int
        /// The given principles.
        package let principles: [Principle]
        /// The prompt itself.
        ///
        /// Shape: [segments][tokens]
        package let segments: [[TokenID]]
        /// What a sample adds.
        package let plan: GenerationPlan
        /// The line that ends the judgment, if one does.
        package let line: ScoreLine?
    }

    /// What a prompt is made of.
    private struct Key: Hashable {
        let kept: Int?
        let place: Int
    }

    /// Every prompt that a sample of the request can see.
    package let entries: [Entry]
    private let places: [Key: Int]
    private let way: JudgingPlan
    private let kept: KeptPrinciples

    /// Assembles the prompts: control tokens come from the template and the chat format alone.
    ///
    /// - Throws: `ScoringError.notSupported` where the template or the model cannot judge this way,
    ///   `InferenceError.contextOverflow` as soon as a prompt and a judgment are seen not to fit the
    ///   context, `CancellationError`.
    package init(
        _ request: ScoreRequest,
        way: JudgingPlan,
        kept: KeptPrinciples,
        judge: Judge
    ) throws {
        self.way = way
        self.kept = kept
        var assembly = try Assembly(request: request, way: way, judge: judge)
        var entries: [Entry] = []
        var places: [Key: Int] = [:]
        // Prompts that no sample sees are not assembled.
        for sample in 0..<request.kMax {
            let set = kept.place(ofSample: sample)
            for place in way.places(ofSample: sample) {
                let key = Key(kept: set, place: place)
                guard places[key] == nil else { continue }
                places[key] = entries.count
                let principles = set.map { kept.sets[$0].principles } ?? request.principles
                entries.append(try assembly.entry(place, principles: principles))
            }
        }
        self.entries = entries
        self.places = places
    }

    /// The places in `entries` of what a sample sees, one for each of its parts.
    package func places(ofSample index: Int) -> [Int] {
        let set = kept.place(ofSample: index)
        return way.places(ofSample: index).map { places[Key(kept: set, place: $0)] ?? 0 }
    }

    /// Tokens of the distinct prompts that some samples see; beginnings that prompts share count once.
    package func promptTokens(ofSamples samples: Range<Int>) -> Int {
        var known: Set<[[TokenID]]> = []
        var count = 0
        for place in Set(samples.flatMap(places)) {
            let segments = entries[place].segments
            for (index, segment) in segments.enumerated()
            where known.insert(Array(segments[...index])).inserted {
                count += segment.count
            }
        }
        return count
    }

    /// Tokens that a request can come to: every prompt once, every sample's plan at its most.
    package func tokensMax(sampleCount: Int) -> Int {
        (0..<sampleCount).reduce(promptTokens(ofSamples: 0..<sampleCount)) { sum, sample in
            places(ofSample: sample).reduce(sum) { $0 + entries[$1].plan.tokenCountMax }
        }
    }
}

/// Puts the prompts of a request together.
private struct Assembly {
    let request: ScoreRequest
    let way: JudgingPlan
    let judge: Judge
    private var encoding: PromptEncoding
    /// The encoded lines, by their text.
    private var plans: [ScoreLine: GenerationPlan] = [:]

    init(request: ScoreRequest, way: JudgingPlan, judge: Judge) throws(ScoringError) {
        self.request = request
        self.way = way
        self.judge = judge
        encoding = PromptEncoding(tokenizer: judge.tokenizer, markup: judge.markup)
        switch way.reading {
        case .line, .likelihood: break
        case .head, .critiqueHead:
            guard judge.heads.contains(.score) else { throw noHead }
        }
    }

    private var noHead: ScoringError {
        ScoringError(
            .notSupported,
            subject: "mode \(request.mode.rawValue)",
            expected: "a served version with a scalar head",
            found: "one without",
            advice: "use another mode, or import a model for sequence classification"
        )
    }

    mutating func entry(_ place: Int, principles: [Principle]) throws -> JudgingPrompts.Entry {
        let shown = way.cases[place]
        let prompt: Prompt
        var line: ScoreLine?
        if shown.form == .chat {
            prompt = request.chatPrompt(shown)
        } else {
            try judge.template.check(shown)
            prompt = judge.template.prompt(for: request, shown, principles: principles)
            line = judge.template.line(of: shown)
        }
        let plan = plan(shown, line)
        let segments = try encoding.tokens(
            of: prompt.segments,
            tokenCountMax: judge.contextTokens - plan.tokenCountMax
        )
        return JudgingPrompts.Entry(
            shown: shown,
            place: place,
            principles: principles,
            segments: segments,
            plan: plan,
            line: line
        )
    }

    private mutating func plan(_ shown: PromptCase, _ line: ScoreLine?) -> GenerationPlan {
        let content = shown.order.first.map { request.responses[$0].content } ?? ""
        switch way.reading {
        case .line(let isWeighed):
            guard let line else { preconditionFailure("a judgment without a line") }
            return linePlan(line, isWeighed: isWeighed)
        case .likelihood:
            let tokens = encoding.encode(content) + [judge.markup.end]
            return GenerationPlan(given: .init(tokens: tokens, isRead: true))
        case .head:
            let tokens = encoding.encode(content) + judge.markup.turnEnd
            return GenerationPlan(given: .init(tokens: tokens, isRead: false), head: .score)
        case .critiqueHead:
            let free = GenerationPlan.FreeText(
                tokenCountMax: request.maxJudgmentTokens,
                stops: [],
                otherwise: judge.markup.turnEnd
            )
            return GenerationPlan(free: free, head: .score)
        }
    }

    private mutating func linePlan(_ line: ScoreLine, isWeighed: Bool) -> GenerationPlan {
        if let plan = plans[line] { return plan }
        let tokenizer = judge.tokenizer
        let stops = line.beginnings.map { text in
            GenerationPlan.Stop(text, then: tokenizer.encode(line.opening(after: text)))
        }
        let free = GenerationPlan.FreeText(
            tokenCountMax: request.maxJudgmentTokens,
            stops: stops,
            otherwise: tokenizer.encode("\n" + line.opening)
        )
        let plan = GenerationPlan(
            // The prompt of a judgment without a critique ends with the line's opening.
            free: request.isDirect ? nil : free,
            choices: line.choices.map { $0.map(tokenizer.encode) },
            weighsChoices: isWeighed,
            head: judge.readsProbe ? .probe : nil
        )
        plans[line] = plan
        return plan
    }
}
