import Kernels

/// A request while the engine works on it.
///
/// Touched by the engine's thread only, but for `ticket`.
final class EngineJob {
    /// A sample that holds room for its own keys and values.
    struct Running {
        let index: Int
        let prompt: PromptSegment
        let block: KeyValueBlock
        var text: SampleText
        /// The normed hidden state that its next draw is made from; empty before it is known.
        var hidden: [Float] = []
        /// Given tokens whose probability is wanted, with the hidden states before them.
        var unread: [(hidden: [Float], token: TokenID)] = []
        /// Its logits were not finite.
        var isBroken = false

        /// Takes note that tokens went through the decoder; their hidden states are the rows from
        /// `row` on.
        mutating func didFeed(_ count: Int, _ states: Activations, row: Int) {
            let place = text.pending(count).place
            for offset in 0..<count {
                guard let token = text.readToken(at: place + offset + 1) else { continue }
                unread.append((states.copyRow(row + offset), token))
            }
            text.feed(count)
            if text.pendingCount == 0 { hidden = states.copyRow(row + count - 1) }
        }
    }

    let request: CompletionRequest
    let ticket: CompletionTicket
    let finish: (Result<CompletionReport, InferenceError>) -> Void
    let onCompletion: @Sendable (Completion) -> Void
    /// Samples that may run at once, and what each of them reserves.
    let window: Int
    let sampleBytes: Int
    let submitted: ContinuousClock.Instant
    var started: ContinuousClock.Instant?
    var prefilled: ContinuousClock.Instant?
    /// The last segment of each prompt, in use from the start of the job to its end.
    var prompts: [PromptSegment] = []
    /// Samples that begin at all.
    private var sampleCount: Int
    var nextSample = 0
    var running: [Running] = []
    var completions: [Completion] = []
    var promptTokensComputed = 0
    var generatedTokens = 0

    init(
        _ request: CompletionRequest,
        ticket: CompletionTicket,
        room: (window: Int, sampleBytes: Int),
        onCompletion: @escaping @Sendable (Completion) -> Void,
        finish: @escaping (Result<CompletionReport, InferenceError>) -> Void
    ) {
        self.request = request
        self.ticket = ticket
        window = room.window
        sampleBytes = room.sampleBytes
        self.onCompletion = onCompletion
        self.finish = finish
        sampleCount = request.samples.count
        submitted = .now
    }

    var isDone: Bool { completions.count == sampleCount }

    /// Bytes that the job reserves for the samples that have not ended.
    var reservedBytes: Int { min(window, unfinishedCount) * sampleBytes }

    /// Samples that have not ended.
    var unfinishedCount: Int { sampleCount - completions.count }

    /// Leaves out the samples that have not begun, and ends the free text of the others.
    ///
    /// Those that are wanted in any case begin as their prompts are complete, and are met here then.
    func hurry() {
        sampleCount = min(sampleCount, max(nextSample, ticket.leastSamples))
        for index in running.indices { running[index].text.hurry() }
    }

    /// The first segment, parents before children, that still has tokens to compute.
    var unfinishedSegment: PromptSegment? {
        for prompt in prompts {
            var first: PromptSegment?
            var next: PromptSegment? = prompt
            while let segment = next {
                if !segment.isComplete { first = segment }
                next = segment.parent
            }
            if let first { return first }
        }
        return nil
    }

    /// Starts samples whose prompt is complete while there is room in the window.
    func startSamples(shape: ModelShape, tokenizer: Tokenizer) {
        while running.count < window, nextSample < sampleCount {
            let sample = request.samples[nextSample]
            let prompt = prompts[sample.prompt]
            guard prompt.isComplete else { return }
            let block = shape.makeBlock(tokens: max(sample.plan.tokenCountMax, 1))
            var run = Running(
                index: nextSample,
                prompt: prompt,
                block: block,
                text: SampleText(plan: sample.plan, tokenizer: tokenizer)
            )
            if run.text.pendingCount == 0 { run.hidden = prompt.lastHidden }
            if let token = run.text.readToken(at: 0) { run.unread = [(prompt.lastHidden, token)] }
            running.append(run)
            nextSample += 1
        }
    }

    /// Ends the samples that are done or broken.
    ///
    /// The last tokens of a sample need not go through the decoder: nothing is drawn after them.
    func retireSamples() {
        for run in running {
            if run.isBroken {
                record(run, outcome: .badLogits)
            } else if run.text.isDone {
                record(run, outcome: .finished)
            }
        }
        running.removeAll { $0.isBroken || $0.text.isDone }
    }

    private func record(_ run: Running, outcome: Completion.Outcome) {
        let completion = Completion(
            sample: run.index,
            outcome: outcome,
            tokens: run.text.addedTokens,
            text: run.text.text,
            isTruncated: run.text.isTruncated,
            readings: run.text.readings,
            seconds: submitted.seconds(to: .now)
        )
        generatedTokens += completion.tokens.count
        completions.append(completion)
        onCompletion(completion)
    }

    /// The report of a job whose samples have all ended.
    func report() -> CompletionReport {
        let start = started ?? submitted
        let ready = prefilled ?? start
        var distinct: [ObjectIdentifier: Int] = [:]
        for prompt in prompts {
            var next: PromptSegment? = prompt
            while let segment = next {
                distinct[ObjectIdentifier(segment)] = segment.tokens.count
                next = segment.parent
            }
        }
        return CompletionReport(
            completions: completions.sorted { $0.sample < $1.sample },
            promptTokens: distinct.values.reduce(0, +),
            promptTokensComputed: promptTokensComputed,
            generatedTokens: generatedTokens,
            queueSeconds: submitted.seconds(to: start),
            prefillSeconds: start.seconds(to: ready),
            decodeSeconds: ready.seconds(to: .now)
        )
    }
}

extension ContinuousClock.Instant {
    /// Seconds from this instant to a later one.
    fileprivate func seconds(to later: ContinuousClock.Instant) -> Double {
        duration(to: later) / .seconds(1)
    }
}
