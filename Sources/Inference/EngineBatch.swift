import Kernels

/// The requests of an engine and the step that moves them on.
///
/// Synchronous; owned by the engine.
struct EngineBatch {
    private let decoder: Decoder
    private let tokenizer: Tokenizer
    private let limits: Engine.Limits
    private var scheduler: Scheduler
    private var tree: KeyValueTree
    private var sampler: Sampler
    /// Waiting for room, in order of arrival; then running.
    private var waiting: [EngineJob] = []
    private var jobs: [EngineJob] = []
    private var counters = EngineStatistics()

    init(decoder: Decoder, tokenizer: Tokenizer, limits: Engine.Limits) {
        self.decoder = decoder
        self.tokenizer = tokenizer
        self.limits = limits
        scheduler = Scheduler(rowsMax: limits.stepTokensMax, chunkMax: limits.chunkTokensMax)
        tree = KeyValueTree(shape: decoder.shape)
        sampler = Sampler(
            vocabularyCount: tokenizer.vocabularyCount,
            excluded: (0..<UInt32(tokenizer.vocabularyCount)).map(TokenID.init).filter {
                tokenizer.isControl($0) && $0 != tokenizer.endID
            }
        )
    }

    var statistics: EngineStatistics {
        var now = counters
        now.samplesRunning = jobs.reduce(0) { $0 + $1.running.count }
        now.samplesWaiting =
            (jobs + waiting).reduce(0) { $0 + $1.unfinishedCount } - now.samplesRunning
        now.sampleBytes = jobs.reduce(0) { $0 + $1.reservedBytes }
        now.keyValueBytes = tree.bytes + now.sampleBytes
        return now
    }

    // MARK: Admission

    /// How many samples of a request may run at once, and what each reserves.
    ///
    /// - Throws: `contextOverflow` if a sample could outgrow the context, `capacity` if not even one
    ///   sample fits beside the prompts.
    func room(
        for request: CompletionRequest
    ) throws(InferenceError) -> (window: Int, sampleBytes: Int) {
        precondition(!request.samples.isEmpty)
        precondition(request.prompts.allSatisfy { !$0.isEmpty && !$0.contains(where: \.isEmpty) })
        let shape = decoder.shape
        for (index, prompt) in request.prompts.enumerated() {
            let plans = request.samples.filter { $0.prompt == index }.map(\.plan.tokenCountMax)
            let (promptCount, planCount) = (prompt.reduce(0) { $0 + $1.count }, plans.max() ?? 0)
            guard planCount <= shape.contextTokens, promptCount + planCount <= shape.contextTokens
            else {
                throw InferenceError(
                    .contextOverflow,
                    subject: "prompt and judgment",
                    expected: "at most \(shape.contextTokens) tokens",
                    found: "\(promptCount) + \(planCount) tokens"
                )
            }
        }
        let longest = request.samples.map(\.plan.tokenCountMax).max() ?? 0
        let sampleBytes = shape.keyValueBytes(tokens: max(longest, 1))
        let empty = KeyValueTree(shape: shape)
        let left = limits.keyValueBytesMax - empty.newBytes(for: request.prompts)
        let window = min(request.samples.count, left / max(sampleBytes, 1))
        guard window > 0 else {
            throw InferenceError(
                .capacity,
                subject: "keys and values of the request",
                expected: "at most \(limits.keyValueBytesMax) bytes",
                found: "\(limits.keyValueBytesMax - left + sampleBytes) bytes for one judgment"
            )
        }
        return (window, sampleBytes)
    }

    mutating func add(_ job: EngineJob) { waiting.append(job) }

    mutating func stop() {
        for job in waiting + jobs {
            end(job, .stopped, expected: "a running engine", found: "a stopped one")
        }
        waiting = []
        jobs = []
    }

    /// Starts waiting requests in order of arrival, as long as the first one has room.
    ///
    /// A request that runs holds all the room it can need, so it always comes to its end.
    private mutating func startJobs() {
        while let job = waiting.first {
            let reserved = jobs.reduce(job.reservedBytes) { $0 + $1.reservedBytes }
            let room = limits.keyValueBytesMax - reserved
            let fresh = tree.newBytes(for: job.request.prompts)
            guard tree.bytes(keeping: job.request.prompts) + fresh <= room else { return }
            waiting.removeFirst()
            job.started = .now
            job.prompts = job.request.prompts.compactMap { tree.acquire($0) }
            tree.shrink(to: room)
            jobs.append(job)
        }
    }

    // MARK: The step

    /// One token for every running sample and a chunk of a prompt.
    ///
    /// Returns whether work is left.
    mutating func step() -> Bool {
        dropCancelled()
        hurryJobs()
        startJobs()
        for job in jobs { job.startSamples(shape: decoder.shape, tokenizer: tokenizer) }
        guard !jobs.isEmpty else { return false }
        counters.steps += 1
        feed()
        for job in jobs { job.startSamples(shape: decoder.shape, tokenizer: tokenizer) }
        read()
        draw()
        finishJobs()
        return !jobs.isEmpty || !waiting.isEmpty
    }

    private mutating func dropCancelled() {
        // The flags are set by other threads: they are read once, and what was read decides.
        let gone = (jobs + waiting).filter(\.ticket.isCancelled)
        guard !gone.isEmpty else { return }
        for job in gone {
            counters.samplesCancelled += job.unfinishedCount
            end(job, .cancelled, expected: "a caller that waits", found: "none")
        }
        let identities = Set(gone.map(ObjectIdentifier.init))
        jobs.removeAll { identities.contains(ObjectIdentifier($0)) }
        waiting.removeAll { identities.contains(ObjectIdentifier($0)) }
    }

    /// Requests that are out of time come to their end with what they have.
    private mutating func hurryJobs() {
        for job in jobs + waiting where job.ticket.isHurried { job.hurry() }
        for job in waiting where job.isDone { job.finish(.success(job.report())) }
        waiting.removeAll(where: \.isDone)
        finishJobs()
    }

    private mutating func end(
        _ job: EngineJob,
        _ code: InferenceError.Code,
        expected: String,
        found: String
    ) {
        for prompt in job.prompts { tree.release(prompt) }
        job.finish(
            .failure(
                InferenceError(code, subject: "request", expected: expected, found: found)
            )
        )
    }

    private mutating func finishJobs() {
        for job in jobs where job.isDone {
            for prompt in job.prompts { tree.release(prompt) }
            counters.generatedTokens += job.generatedTokens
            job.finish(.success(job.report()))
        }
        jobs.removeAll(where: \.isDone)
    }

    // MARK: Feeding

    /// Puts tokens that wait through the decoder, as the scheduler shares them out.
    private mutating func feed() {
        let sources = sources()
        // What waits with a long text is a prompt to the others, and takes its turn with prompts.
        let isLong = sources.map { $0.isSegment || $0.pendingCount > Self.sampleTokensMax }
        let plan = scheduler.plan(
            samples: zip(sources, isLong).map { $1 ? 0 : $0.pendingCount },
            prompts: zip(sources, isLong).map { $1 ? $0.pendingCount : 0 }
        )
        let shares = plan.samples + plan.prompts
        let runs = shares.map { sources[$0.index].run(count: $0.count) }
        if !runs.isEmpty { note(shares, sources, decoder.forward(runs)) }
        for job in jobs where job.prefilled == nil && job.unfinishedSegment == nil {
            job.prefilled = .now
        }
    }

    /// The most tokens that a running sample feeds before others have to be asked: forced lines are
    /// shorter, given texts longer.
    private static let sampleTokensMax = 32

    /// Where tokens wait for the decoder: running samples, then prompts; what several jobs wait for
    /// stands once.
    private func sources() -> [TokenSource] {
        let samples = jobs.flatMap { job in
            job.running.indices.map { TokenSource.sample(job, $0) }
        }
        var seen: Set<ObjectIdentifier> = []
        return samples
            + jobs.compactMap { job in
                guard let segment = job.unfinishedSegment,
                    seen.insert(ObjectIdentifier(segment)).inserted
                else { return nil }
                return .segment(job, segment)
            }
    }

    /// Takes note that the tokens of a step went through the decoder.
    private mutating func note(
        _ shares: [Scheduler.Share],
        _ sources: [TokenSource],
        _ hidden: Activations
    ) {
        var row = 0
        for share in shares {
            switch sources[share.index] {
            case .sample(let job, let index):
                job.running[index].didFeed(share.count, hidden, row: row)
            case .segment(let job, let segment):
                segment.block.count += share.count
                if segment.isComplete {
                    segment.lastHidden = hidden.copyRow(row + share.count - 1)
                }
                job.promptTokensComputed += share.count
                counters.promptTokensComputed += share.count
            }
            row += share.count
        }
    }

    // MARK: Reading

    /// Reads what samples wait to know of given tokens and from their heads.
    private mutating func read() {
        var unread: [(job: EngineJob, sample: Int, hidden: [Float], token: TokenID)] = []
        for job in jobs {
            for index in job.running.indices {
                unread += job.running[index].unread.map { (job, index, $0.hidden, $0.token) }
                job.running[index].unread = []
            }
        }
        for start in stride(from: 0, to: unread.count, by: decoder.logitRowsMax) {
            let part = unread[start..<min(start + decoder.logitRowsMax, unread.count)]
            let logits = decoder.logits(of: part.map(\.hidden))
            for (row, one) in part.enumerated() {
                let value = logits.withRow(row) {
                    logProbability(
                        of: one.token.rawValue,
                        in: $0,
                        count: tokenizer.vocabularyCount
                    )
                }
                take(value, one.job, one.sample) { $0.read(logProbability: $1) }
            }
        }
        for job in jobs {
            for index in job.running.indices {
                guard let kind = job.running[index].text.waitingHead else { continue }
                let head = decoder.weights.heads[kind]
                precondition(head != nil, "the plan asks for a head that the model has not")
                let value = head?.value(of: job.running[index].hidden)
                take(value, job, index) { $0.read(headValue: $1) }
            }
        }
    }

    private mutating func take<Value>(
        _ value: Value?,
        _ job: EngineJob,
        _ index: Int,
        _ body: (inout SampleText, Value) -> Void
    ) {
        guard !job.running[index].isBroken else { return }
        if let value {
            body(&job.running[index].text, value)
        } else {
            counters.badLogits += 1
            job.running[index].isBroken = true
        }
    }

    // MARK: Drawing

    /// Draws a token for every sample whose hidden state is known; samples that stand at the end of
    /// one prompt share its logits.
    private mutating func draw() {
        var states: [[Float]] = []
        var draws: [(job: EngineJob, sample: Int, row: Int)] = []
        var promptRows: [ObjectIdentifier: Int] = [:]
        for job in jobs {
            for (index, run) in job.running.enumerated()
            where !run.hidden.isEmpty && run.text.allowed != nil && !run.isBroken {
                let prompt = run.text.tokens.isEmpty ? ObjectIdentifier(run.prompt) : nil
                let row = prompt.flatMap { promptRows[$0] } ?? states.count
                if let prompt { promptRows[prompt] = row }
                if row == states.count { states.append(run.hidden) }
                draws.append((job, index, row))
            }
        }
        for start in stride(from: 0, to: states.count, by: decoder.logitRowsMax) {
            let range = start..<min(start + decoder.logitRowsMax, states.count)
            let logits = decoder.logits(of: Array(states[range]))
            for draw in draws where range.contains(draw.row) {
                self.draw(draw.job, draw.sample, logits, row: draw.row - start)
            }
        }
        for job in jobs { job.retireSamples() }
    }

    private mutating func draw(_ job: EngineJob, _ index: Int, _ logits: Activations, row: Int) {
        let run = job.running[index]
        let sample = job.request.samples[run.index]
        let position = UInt64(run.text.tokens.count)
        let drawn = run.text.allowed.flatMap { allowed in
            logits.withRow(row) { logits in
                sampler.pick(
                    from: logits,
                    among: allowed,
                    parameters: sample.sampling,
                    uniform: sample.random.uniform(at: position)
                ).map { token in
                    let weights =
                        run.text.wantsWeights ? Sampler.weights(of: logits, among: allowed) : []
                    return (token: token, weights: weights)
                }
            }
        }
        take(drawn, job, index) { $0.accept($1.token, weights: $1.weights) }
        // Where nothing was added, the next draw is made from the same state.
        if job.running[index].text.pendingCount > 0 { job.running[index].hidden = [] }
    }
}
