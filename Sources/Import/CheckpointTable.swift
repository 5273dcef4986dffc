import Inference
import Store

/// The tensors of a checkpoint against those that its family has.
struct CheckpointTable: Sendable {
    /// The tensors that the store gets, in the order of the shards and of their data.
    let tensors: [SourceTensor]
    /// The sizes, with the embeddings tied where there is no output matrix and none is needed.
    let hyperparameters: Hyperparameters

    /// Finds a tensor for everything that the model needs, and nothing else.
    ///
    /// Throws: `badFormat`, `unsupported`.
    init(_ shards: [SafetensorsFile], _ config: CheckpointConfig) throws(ImportError) {
        let outputName = CheckpointNames.name(of: "output.weight")
        let hasOutput = shards.contains { $0.tensors.contains { $0.name == outputName } }
        var hyperparameters = config.hyperparameters
        if config.isClassifier, !hasOutput { hyperparameters.tiedEmbeddings = true }
        self.hyperparameters = hyperparameters
        let shape = try readShape(hyperparameters)
        let expected = expectedTensors(config, shape)
        var found: [SourceTensor] = []
        var names: Set<String> = []
        for (index, shard) in shards.enumerated() {
            for tensor in shard.tensors {
                guard names.insert(tensor.name).inserted else {
                    throw error(.badFormat, tensor, in: shard, "the name once", "it twice")
                }
                if CheckpointNames.isInert(tensor.name)
                    || (tensor.name == outputName && hyperparameters.tiedEmbeddings)
                {
                    continue
                }
                guard let known = expected[tensor.name] else {
                    let wanted = "a tensor of a \(config.architecture.name) model of this class"
                    throw error(.unsupported, tensor, in: shard, wanted, "an unknown one")
                }
                guard tensor.shape == known.shape else {
                    throw error(
                        .badFormat,
                        tensor,
                        in: shard,
                        "rows and columns \(known.shape)",
                        "\(tensor.shape)"
                    )
                }
                found.append(SourceTensor(tensor, name: known.name, file: index))
            }
        }
        tensors = found
        let optional = HeadVector.Kind.score.names.bias
        let missing = expected.keys.filter { !names.contains($0) && $0 != optional }.min()
        guard let missing else { return }
        throw ImportError(
            .badFormat,
            subject: "tensor \(quoted(missing))",
            expected: "the tensor",
            found: "a model without it"
        )
    }
}

/// What a tensor is called in the store, and the shape that it has to have in the file.
private struct ExpectedTensor {
    let name: String
    let shape: [Int]
}

private func expectedTensors(
    _ config: CheckpointConfig,
    _ shape: ModelShape
) -> [String: ExpectedTensor] {
    var expected: [String: ExpectedTensor] = [:]
    for (name, sizes) in config.architecture.tensorShapes(shape) {
        expected[CheckpointNames.name(of: name)] = ExpectedTensor(name: name, shape: sizes)
    }
    guard config.isClassifier else { return expected }
    let names = HeadVector.Kind.score.names
    expected[names.weight] = ExpectedTensor(name: names.weight, shape: [1, shape.width])
    expected[names.bias] = ExpectedTensor(name: names.bias, shape: [1])
    return expected
}

/// What the engine would refuse is refused here already.
private func readShape(_ hyperparameters: Hyperparameters) throws(ImportError) -> ModelShape {
    do {
        return try ModelShape(hyperparameters)
    } catch {
        throw ImportError(
            .unsupported,
            subject: "config.json: \(error.subject)",
            expected: error.expected,
            found: error.found
        )
    }
}

private func error(
    _ code: ImportError.Code,
    _ tensor: SafetensorsTensor,
    in file: SafetensorsFile,
    _ expected: String,
    _ found: String
) -> ImportError {
    ImportError(
        code,
        subject: "\(file.fileName): tensor \(quoted(tensor.name))",
        expected: expected,
        found: found
    )
}

extension SourceTensor {
    /// A tensor of safetensors under its name in the store; a head of one row becomes a vector.
    fileprivate init(_ tensor: SafetensorsTensor, name: String, file: Int) {
        self.name = name
        let isHead = name == HeadVector.Kind.score.names.weight
        shape = isHead ? [tensor.shape.reduce(1, *)] : tensor.shape
        type = tensor.type
        self.file = file
        offset = tensor.offset
        byteCount = tensor.byteCount
    }
}
