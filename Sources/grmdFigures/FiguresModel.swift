import Inference
import Store

/// A stored version with the engine that runs it.
struct FiguresModel {
    let shape: ModelShape
    let tokenizer: Tokenizer
    let weights: DecoderWeights
    let markup: ChatMarkup
    let engine: Engine
    let description: FiguresReply.Model

    /// Opens a version as the daemon does, less the digests.
    init(_ name: String, in path: String, limits: Engine.Limits) throws {
        let clock = ContinuousClock()
        let start = clock.now
        let directory = try StoreDirectory(existingAt: path)
        let version = try Catalogue(directory, access: .reading).version(name)
        shape = try ModelShape(version.manifest.hyperparameters)
        tokenizer = try DecoderWeights.tokenizer(of: version, in: directory)
        markup = try ChatMarkup(
            named: version.manifest.chatFormat.name,
            tokenizer: tokenizer
        )
        weights = try DecoderWeights(version, shape: shape, in: directory)
        let model = try EngineModel(weights: weights, shape: shape, tokenizer: tokenizer)
        engine = try Engine(models: [model], limits: limits)
        description = FiguresReply.Model(
            name: version.manifest.name,
            formats: Set(version.manifest.tensors.map(\.format)).sorted(),
            kernels: EngineArithmetic.kernels,
            blas: EngineArithmetic.blas,
            threads: limits.threadCount,
            width: shape.width,
            layers: shape.layerCount,
            feedForwardWidth: shape.feedForwardWidth,
            queryWidth: shape.queryHeads * shape.headWidth,
            keyValueWidth: shape.keyValueHeads * shape.headWidth,
            vocabulary: shape.vocabularyCount,
            contextTokens: shape.contextTokens,
            loadSeconds: (clock.now - start) / .seconds(1)
        )
    }

    /// The prompt of a conversation whose last turn the model goes on with.
    func tokens(of conversation: [FiguresCommand.Turn]) -> [TokenID] {
        let begin = tokenizer.addsBegin ? [tokenizer.beginID].compactMap(\.self) : []
        return conversation.enumerated().reduce(into: begin) { tokens, turn in
            tokens += markup.turnStart(role: turn.element.role)
            tokens += tokenizer.encode(turn.element.content)
            if turn.offset < conversation.count - 1 { tokens += markup.turnEnd }
        }
    }
}
