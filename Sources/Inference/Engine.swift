import Kernels

/// One model, or two, on one thread: continues prompts, many samples at a time.
///
/// All requests on a model step together (continuous batching): a step is one token for every
/// running sample and a bounded chunk of a prompt. Two models take turns, step by step, and share the
/// compute threads and the room for keys and values. Between steps the engine sees to new requests
/// and cancellations.
package actor Engine {
    /// What bounds an engine.
    package struct Limits: Hashable, Sendable {
        /// Bytes of keys and values, prompts and samples together.
        package var keyValueBytesMax: Int
        /// Compute threads, the engine's own included.
        package var threadCount: Int
        /// Tokens of one step, and how many of them may be a prompt's.
        package var stepTokensMax: Int
        package var chunkTokensMax: Int

        /// Makes limits; a step has room for more than one chunk.
        package init(
            keyValueBytesMax: Int,
            threadCount: Int,
            stepTokensMax: Int = 256,
            chunkTokensMax: Int = 128
        ) {
            self.keyValueBytesMax = keyValueBytesMax
            self.threadCount = threadCount
            self.stepTokensMax = stepTokensMax
            self.chunkTokensMax = chunkTokensMax
        }
    }

    /// The models; requests name theirs by its place.
    package nonisolated let models: [EngineModel]
    package nonisolated let limits: Limits
    private nonisolated let thread: EngineThread
    /// The engine's thread, which runs all that is isolated to the engine.
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Safety: the actor keeps the executor.
        unsafe thread.asUnownedSerialExecutor()
    }

    private var batches: [EngineBatch]
    private var isStepping = false
    private var isStopped = false

    /// The first model's sizes.
    package nonisolated var shape: ModelShape { models[0].shape }
    /// The first model's tokenizer.
    package nonisolated var tokenizer: Tokenizer { models[0].tokenizer }

    /// Starts the engine's thread and compute threads.
    ///
    /// - Parameters:
    ///   - models: One or two; a second one has a quarter of the room for keys and values.
    ///   - limits: What bounds them together.
    /// - Throws: `KernelError` if the system refuses a thread.
    package init(models: [EngineModel], limits: Limits) throws {
        precondition((1...2).contains(models.count))
        self.models = models
        self.limits = limits
        thread = EngineThread(name: "grmd-engine")
        let pool = try ComputePool(threadCount: limits.threadCount)
        batches = models.enumerated().map { place, model in
            let decoder = Decoder(
                weights: model.weights,
                shape: model.shape,
                pool: pool,
                rowsMax: limits.stepTokensMax
            )
            var own = limits
            if models.count == 2 {
                let second = limits.keyValueBytesMax / 4
                own.keyValueBytesMax = place == 0 ? limits.keyValueBytesMax - second : second
            }
            return EngineBatch(decoder: decoder, tokenizer: model.tokenizer, limits: own)
        }
    }

    deinit { thread.stop() }

    /// What the engine has done and holds.
    package var statistics: EngineStatistics {
        batches.dropFirst().reduce(batches[0].statistics) { $0 + $1.statistics }
    }

    /// Continues prompts.
    ///
    /// Cancelling the task frees the samples before the next step.
    ///
    /// - Parameters:
    ///   - request: Prompts and what to add to them.
    ///   - place: Which of the engine's models.
    ///   - ticket: By which the caller can ask for an early end.
    ///   - onCompletion: Called on the engine's thread as each sample ends; must not block.
    /// - Returns: What became of the samples: of all, unless the ticket asked to hurry.
    /// - Throws: `contextOverflow` or `capacity` before any work, `cancelled`, `stopped`.
    package func complete(
        _ request: CompletionRequest,
        on place: Int = 0,
        ticket: CompletionTicket = CompletionTicket(),
        onCompletion: @escaping @Sendable (Completion) -> Void = { _ in }
    ) async throws(InferenceError) -> CompletionReport {
        guard !isStopped else {
            throw InferenceError(
                .stopped,
                subject: "engine",
                expected: "a running engine",
                found: "a stopped one"
            )
        }
        let room = try batches[place].room(for: request)
        let result: Result<CompletionReport, InferenceError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                batches[place].add(
                    EngineJob(request, ticket: ticket, room: room, onCompletion: onCompletion) {
                        continuation.resume(returning: $0)
                    }
                )
                startStepping()
            }
        } onCancel: {
            ticket.cancel()
        }
        return try result.get()
    }

    /// Ends every request as `stopped` and takes no more.
    package func stop() {
        isStopped = true
        for place in batches.indices { batches[place].stop() }
    }

    private func startStepping() {
        guard !isStepping else { return }
        isStepping = true
        Task { await stepUntilIdle() }
    }

    /// Other calls on the actor run between the steps.
    private func stepUntilIdle() async {
        while stepAll() { await Task.yield() }
        isStepping = false
    }

    private func stepAll() -> Bool {
        var hasWork = false
        for place in batches.indices where batches[place].step() { hasWork = true }
        return hasWork
    }
}
