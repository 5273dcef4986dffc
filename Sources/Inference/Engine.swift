import Kernels

/// One model on one thread: continues prompts, many samples at a time.
///
/// All requests step together (continuous batching): a step is one token for every running sample
/// and a bounded chunk of a prompt. Between steps the engine sees to new requests and cancellations.
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

    package nonisolated let shape: ModelShape
    package nonisolated let tokenizer: Tokenizer
    package nonisolated let limits: Limits
    private nonisolated let thread: EngineThread
    /// The engine's thread, which runs all that is isolated to the engine.
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Safety: the actor keeps the executor.
        unsafe thread.asUnownedSerialExecutor()
    }

    private var batch: EngineBatch
    private var isStepping = false
    private var isStopped = false

    /// Starts the engine's thread and compute threads.
    ///
    /// - Throws: `InferenceError.invalidModel` if the tokenizer has tokens that the model has not,
    ///   `KernelError` if the system refuses a thread.
    package init(
        weights: DecoderWeights,
        shape: ModelShape,
        tokenizer: Tokenizer,
        limits: Limits
    ) throws {
        guard tokenizer.vocabularyCount <= shape.vocabularyCount else {
            throw InferenceError(
                .invalidModel,
                subject: "vocabulary of the tokenizer",
                expected: "at most \(shape.vocabularyCount) tokens, as the embedding has",
                found: "\(tokenizer.vocabularyCount)"
            )
        }
        self.shape = shape
        self.tokenizer = tokenizer
        self.limits = limits
        thread = EngineThread(name: "grmd-engine")
        let decoder = Decoder(
            weights: weights,
            shape: shape,
            pool: try ComputePool(threadCount: limits.threadCount),
            rowsMax: limits.stepTokensMax
        )
        batch = EngineBatch(decoder: decoder, tokenizer: tokenizer, limits: limits)
    }

    deinit { thread.stop() }

    /// What the engine has done and holds.
    package var statistics: EngineStatistics { batch.statistics }

    /// Continues prompts.
    ///
    /// Cancelling the task frees the samples before the next step. `onCompletion` is called on the
    /// engine's thread as each sample ends and must not block.
    ///
    /// - Throws: `contextOverflow` or `capacity` before any work, `cancelled`, `stopped`.
    package func complete(
        _ request: CompletionRequest,
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
        let room = try batch.room(for: request)
        let ticket = EngineJob.Ticket()
        let result: Result<CompletionReport, InferenceError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                batch.add(
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
        batch.stop()
    }

    private func startStepping() {
        guard !isStepping else { return }
        isStepping = true
        Task { await stepUntilIdle() }
    }

    /// Other calls on the actor run between the steps.
    private func stepUntilIdle() async {
        while batch.step() { await Task.yield() }
        isStepping = false
    }
}
