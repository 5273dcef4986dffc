import Inference
import Synchronization
import Testing

@Suite("Bounds and ends of the engine")
struct EngineLimitTests {
    private func code(
        _ body: () async throws(InferenceError) -> CompletionReport
    ) async -> InferenceError.Code? {
        do throws(InferenceError) {
            _ = try await body()
            return nil
        } catch {
            return error.code
        }
    }

    @Test("a request that could outgrow the context is refused before any work")
    func context() async throws {
        let tiny = try TinyEngine()
        let engine = try tiny.engine()
        let room = tiny.shape.contextTokens - tiny.plan(20).tokenCountMax
        let fits = CompletionRequest(
            prompts: [[tiny.prompt(room, seed: 1)]],
            samples: tiny.samples(0..<1)
        )
        let tooLong = CompletionRequest(
            prompts: [[tiny.prompt(room + 1, seed: 1)]],
            samples: tiny.samples(0..<1)
        )
        #expect(
            await code { () throws(InferenceError) in try await engine.complete(tooLong) }
                == .contextOverflow
        )
        #expect(await engine.statistics.steps == 0)
        #expect(await code { () throws(InferenceError) in try await engine.complete(fits) } == nil)
    }

    @Test("a request of which not even one sample fits is refused before any work")
    func capacity() async throws {
        let tiny = try TinyEngine()
        let sampleTokens = tiny.plan(20).tokenCountMax
        let request = CompletionRequest(
            prompts: [[tiny.prompt(10, seed: 1)]],
            samples: tiny.samples(0..<3)
        )
        let small = try tiny.engine(bytes: tiny.bytes(10, sampleTokens) - 1)
        #expect(
            await code { () throws(InferenceError) in try await small.complete(request) }
                == .capacity
        )
        #expect(await small.statistics.steps == 0)
        let enough = try tiny.engine(bytes: tiny.bytes(10, sampleTokens))
        let report = try await enough.complete(request)
        #expect(report.completions.count == 3)
    }

    @Test("a cancelled request is gone before the next step, its memory too")
    func cancellation() async throws {
        let tiny = try TinyEngine()
        let engine = try tiny.engine()
        // The first sample is the shortest: its end cancels the request while the others run.
        let request = CompletionRequest(
            prompts: [[tiny.prompt(10, seed: 1)]],
            samples: tiny.samples(0..<1, tokenCountMax: 1) + tiny.samples(1..<8, tokenCountMax: 80)
        )
        let ended = Mutex(0)
        let (start, starter) = AsyncStream.makeStream(of: Void.self)
        let running = Mutex<Task<InferenceError.Code?, Never>?>(nil)
        let task = Task {
            for await _ in start { break }
            return await code { () throws(InferenceError) in
                try await engine.complete(request) { _ in
                    ended.withLock { $0 += 1 }
                    running.withLock { $0?.cancel() }
                }
            }
        }
        running.withLock { $0 = task }
        starter.yield()
        #expect(await task.value == .cancelled)
        let statistics = await engine.statistics
        #expect(ended.withLock { $0 } + statistics.samplesCancelled == 8)
        #expect(statistics.samplesCancelled > 0)
        #expect(statistics.samplesRunning == 0 && statistics.samplesWaiting == 0)
        #expect(statistics.keyValueBytes == tiny.bytes(10))
        // One step for the prompt, with the first draw in it, and few for the shortest sample.
        #expect(statistics.steps <= 8)
    }

    @Test("a request that was cancelled before it came is not begun")
    func cancelledBefore() async throws {
        let tiny = try TinyEngine()
        let engine = try tiny.engine()
        let request = CompletionRequest(
            prompts: [[tiny.prompt(10, seed: 1)]],
            samples: tiny.samples(0..<2)
        )
        let (start, starter) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            for await _ in start { break }
            return await code { () throws(InferenceError) in try await engine.complete(request) }
        }
        task.cancel()
        starter.finish()
        #expect(await task.value == .cancelled)
        let statistics = await engine.statistics
        #expect(statistics.steps == 0 && statistics.keyValueBytes == 0)
        #expect(statistics.samplesCancelled == 2)
    }

    @Test("two requests with one prompt compute it once", arguments: [1, 16])
    func sharedPrompt(chunk: Int) async throws {
        let tiny = try TinyEngine()
        let engine = try tiny.engine(chunkTokens: chunk)
        let prompt = [tiny.prompt(20, seed: 1), tiny.prompt(20, seed: 2)]
        let reports = try await withThrowingTaskGroup(of: CompletionReport.self) { group in
            for seed in UInt64(0)..<4 {
                let request = CompletionRequest(
                    prompts: [prompt],
                    samples: tiny.samples(0..<3, seed: seed)
                )
                group.addTask { try await engine.complete(request) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(reports.allSatisfy { $0.promptTokens == 40 })
        #expect(reports.reduce(0) { $0 + $1.promptTokensComputed } == 40)
        #expect(await engine.statistics.promptTokensComputed == 40)
    }

    @Test(
        "sixteen requests that share a conversation compute each shared token once",
        arguments: [7, 128]
    )
    func sharedConversation(chunk: Int) async throws {
        let tiny = try TinyEngine()
        let engine = try tiny.engine(threads: 2, chunkTokens: chunk)
        let conversation = tiny.prompt(150, seed: 1)
        let requests = (0..<16).map { number in
            let responses = tiny.prompt(10 + number, seed: UInt64(100 + number))
            return CompletionRequest(
                prompts: [[conversation, responses]],
                samples: tiny.samples(0..<3, seed: UInt64(number), tokenCountMax: 6)
            )
        }
        let computed = try await withThrowingTaskGroup(of: Int.self) { group in
            for request in requests {
                group.addTask { try await engine.complete(request).promptTokensComputed }
            }
            return try await group.reduce(0, +)
        }
        let distinct = 150 + (0..<16).reduce(0) { $0 + 10 + $1 }
        #expect(computed == distinct)
        #expect(await engine.statistics.promptTokensComputed == distinct)
    }

    @Test("another request finishes a prompt whose first request was cancelled")
    func inheritedPrompt() async throws {
        let tiny = try TinyEngine()
        let prompt = [tiny.prompt(60, seed: 1)]
        let request = CompletionRequest(prompts: [prompt], samples: tiny.samples(0..<2))
        let expected = try await tiny.engine().complete(request)
        let engine = try tiny.engine(chunkTokens: 1)
        let first = Task {
            await code { () throws(InferenceError) in try await engine.complete(request) }
        }
        while await engine.statistics.promptTokensComputed < 5, !first.isCancelled {
            await Task.yield()
        }
        let second = Task { try await engine.complete(request) }
        await Task.yield()
        first.cancel()
        let report = try await second.value
        #expect(report.completions.map(\.tokens) == expected.completions.map(\.tokens))
        _ = await first.value
        #expect(await engine.statistics.samplesRunning == 0)
    }

    @Test("many requests over little memory all end, and the memory is never exceeded")
    func smallMemory() async throws {
        let tiny = try TinyEngine()
        // Room for one prompt of two parts and three samples, or two prompts and fewer samples.
        let sample = tiny.plan(10).tokenCountMax
        let engine = try tiny.engine(bytes: tiny.bytes(10, 10, sample, sample, sample))
        let done = Mutex(false)
        let watch = Task {
            var most = 0
            while !done.withLock({ $0 }) {
                most = max(most, await engine.statistics.keyValueBytes)
                await Task.yield()
            }
            return most
        }
        let ended = try await withThrowingTaskGroup(of: Int.self) { group in
            for seed in UInt64(0)..<40 {
                let prompt = [tiny.prompt(10, seed: seed % 3), tiny.prompt(10, seed: seed)]
                let samples = tiny.samples(0..<(1 + seed % 5), seed: seed, tokenCountMax: 10)
                group.addTask {
                    let request = CompletionRequest(prompts: [prompt], samples: samples)
                    return try await engine.complete(request).completions.count
                }
            }
            return try await group.reduce(0, +)
        }
        done.withLock { $0 = true }
        #expect(ended == (0..<40).reduce(0) { $0 + 1 + $1 % 5 })
        let most = await watch.value
        #expect(most > 0 && most <= engine.limits.keyValueBytesMax)
    }

    @Test("each sample is told once, as it ends")
    func completions() async throws {
        let tiny = try TinyEngine()
        let told = Mutex<[Int]>([])
        let sample = tiny.plan(20).tokenCountMax
        let engine = try tiny.engine(bytes: tiny.bytes(10, sample, sample))
        let request = CompletionRequest(
            prompts: [[tiny.prompt(10, seed: 1)]],
            samples: tiny.samples(0..<9)
        )
        let report = try await engine.complete(request) { completion in
            told.withLock { $0.append(completion.sample) }
        }
        #expect(told.withLock { $0.sorted() } == Array(0..<9))
        #expect(report.completions.count == 9)
    }

    @Test("stop ends every request as stopped, and none is taken afterwards")
    func stop() async throws {
        let tiny = try TinyEngine()
        let engine = try tiny.engine(bytes: tiny.bytes(10, tiny.plan(80).tokenCountMax))
        let request = CompletionRequest(
            prompts: [[tiny.prompt(10, seed: 1)]],
            samples: tiny.samples(0..<200, tokenCountMax: 80)
        )
        let tasks = (0..<4).map { _ in
            Task { await code { () throws(InferenceError) in try await engine.complete(request) } }
        }
        while await engine.statistics.steps < 3 { await Task.yield() }
        await engine.stop()
        await engine.stop()
        for task in tasks { #expect(await task.value == .stopped) }
        #expect(
            await code { () throws(InferenceError) in try await engine.complete(request) }
                == .stopped
        )
        let statistics = await engine.statistics
        #expect(statistics.samplesRunning == 0 && statistics.samplesWaiting == 0)
    }

    @Test("an engine that nobody holds goes, and its thread with it")
    func release() async throws {
        let tiny = try TinyEngine()
        weak var gone: Engine?
        do {
            let engine = try tiny.engine(threads: 2)
            gone = engine
            _ = try await engine.complete(
                CompletionRequest(
                    prompts: [[tiny.prompt(3, seed: 1)]],
                    samples: tiny.samples(0..<1)
                )
            )
        }
        for _ in 0..<1000 where gone != nil { await Task.yield() }
        #expect(gone == nil)
    }
}
