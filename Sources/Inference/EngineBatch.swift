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
        now.keyValueBytes = tree.bytes + jobs.reduce(0) { $0 + $1.reservedBytes }
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
        startJobs()
        for job in jobs { job.startSamples(shape: decoder.shape, tokenizer: tokenizer) }
        guard !jobs.isEmpty else { return false }
        counters.steps += 1
        feed()
        for job in jobs { job.startSamples(shape: decoder.shape, tokenizer: tokenizer) }
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
        let places = jobs.indices.flatMap { job in
            jobs[job].running.indices.map { (job: job, sample: $0) }
        }
        let prompts = promptsToFeed()
        let plan = scheduler.plan(
            samples: places.map { jobs[$0.job].running[$0.sample].text.pendingCount },
            prompts: prompts.map { $0.segment.tokens.count - $0.segment.block.count }
        )
        let runs =
            plan.samples.map { share in
                let place = places[share.index]
                return Self.run(of: jobs[place.job].running[place.sample], count: share.count)
            } + plan.prompts.map { Self.run(of: prompts[$0.index].segment, count: $0.count) }
        if !runs.isEmpty { note(plan, places, prompts, decoder.forward(runs)) }
        for job in jobs where job.prefilled == nil && job.unfinishedSegment == nil {
            job.prefilled = .now
        }
    }

    /// Takes note that the tokens of a step went through the decoder.
    private mutating func note(
        _ plan: (samples: [Scheduler.Share], prompts: [Scheduler.Share]),
        _ places: [(job: Int, sample: Int)],
        _ prompts: [(job: EngineJob, segment: PromptSegment)],
        _ hidden: Activations
    ) {
        var row = 0
        for share in plan.samples {
            row += share.count
            let place = places[share.index]
            jobs[place.job].running[place.sample].didFeed(
                share.count,
                last: hidden.copyRow(row - 1)
            )
        }
        for share in plan.prompts {
            row += share.count
            let (job, segment) = prompts[share.index]
            segment.block.count += share.count
            if segment.isComplete { segment.lastHidden = hidden.copyRow(row - 1) }
            job.promptTokensComputed += share.count
            counters.promptTokensComputed += share.count
        }
    }

    /// The next unfinished segment of each job; one that several jobs wait for stands once.
    private func promptsToFeed() -> [(job: EngineJob, segment: PromptSegment)] {
        var seen: Set<ObjectIdentifier> = []
        return jobs.compactMap { job in
            guard let segment = job.unfinishedSegment,
                seen.insert(ObjectIdentifier(segment)).inserted
            else { return nil }
            return (job, segment)
        }
    }

    private static func run(of sample: EngineJob.Running, count: Int) -> DecoderRun {
        let first = sample.text.tokens.count - sample.text.pendingCount
        return DecoderRun(
            tokens: Array(sample.text.tokens[first..<first + count]),
            position: sample.prompt.end + first,
            shared: sample.prompt.pieces,
            block: sample.block,
            place: first
        )
    }

    private static func run(of segment: PromptSegment, count: Int) -> DecoderRun {
        let first = segment.block.count
        return DecoderRun(
            tokens: Array(segment.tokens[first..<first + count]),
            position: segment.start + first,
            shared: segment.parent?.pieces ?? [],
            block: segment.block,
            place: first
        )
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
            where !run.hidden.isEmpty && !run.text.isDone {
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
        let token = run.text.allowed.flatMap { allowed in
            logits.withRow(row) { logits in
                sampler.pick(
                    from: logits,
                    among: allowed,
                    parameters: sample.sampling,
                    uniform: sample.random.uniform(at: position)
                )
            }
        }
        guard let token else {
            counters.badLogits += 1
            job.running[index].isBroken = true
            return
        }
        job.running[index].text.accept(token)
        job.running[index].hidden = []
    }
}
