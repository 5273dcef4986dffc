import Foundation
import Import
import Inference
import Kernels
import Store

/// The tiny model of the golden fixtures in a real store, and engines on it.
final class TinyEngine {
    let shape: ModelShape
    let tokenizer: Tokenizer
    let weights: DecoderWeights
    private let folder: String

    /// Imports `tiny-FORMAT.gguf`, or other bytes in its place, and adds tensors of heads by name.
    init(_ format: String = "q4_1", bytes: [UInt8]? = nil, heads: [String: [Float]] = [:]) throws {
        folder = NSTemporaryDirectory() + "/grmd-engine-" + UUID().uuidString
        let directory = try StoreDirectory(creatingAt: folder)
        var path = Self.path(format)
        if let bytes {
            path = folder + "/changed.gguf"
            try Data(bytes).write(to: URL(filePath: path))
        }
        var version = try importModel(at: path, into: directory, options: ImportOptions()) { _ in }
        if !heads.isEmpty { version = try Self.version(version, with: heads, in: directory) }
        shape = try ModelShape(version.manifest.hyperparameters)
        tokenizer = try DecoderWeights.tokenizer(of: version, in: directory)
        weights = try DecoderWeights(version, shape: shape, in: directory)
    }

    private static func version(
        _ parent: StoredVersion,
        with heads: [String: [Float]],
        in directory: StoreDirectory
    ) throws -> StoredVersion {
        var pack = try PackWriter(in: directory, bytesExpected: 1 << 16)
        for (name, values) in heads {
            let bytes = values.flatMap { value in
                (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
            }
            try pack.append(key: name, bytes: Data(bytes).bytes)
        }
        var manifest = parent.manifest
        manifest.name = "with-heads"
        for (name, blob) in try pack.seal() {
            var record = TensorRecord()
            record.name = name
            record.format = "f32"
            record.shape = [UInt32(blob.bytes / 4)]
            record.blob = blob
            manifest.tensors.append(record)
        }
        return try Catalogue(directory, access: .writing).add(manifest)
    }

    deinit {
        // A folder that stays behind in the system's place for such folders harms nobody.
        try? FileManager.default.removeItem(atPath: folder)
    }

    static func path(_ format: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "GoldenTests/Fixtures/tiny-\(format).gguf").path
    }

    static func shape() throws -> ModelShape { try TinyEngine().shape }

    /// Bytes of the keys and values of runs of these lengths.
    func bytes(_ runs: Int...) -> Int {
        runs.reduce(0) { $0 + shape.keyValueBytes(tokens: $1) }
    }

    func model() throws -> EngineModel {
        try EngineModel(weights: weights, shape: shape, tokenizer: tokenizer)
    }

    /// An engine; without a limit, there is room for 100,000 tokens of keys and values.
    func engine(
        bytes: Int? = nil,
        threads: Int = 1,
        stepTokens: Int = 256,
        chunkTokens: Int = 128
    ) throws -> Engine {
        try Engine(
            models: [model()],
            limits: Engine.Limits(
                keyValueBytesMax: bytes ?? self.bytes(100_000),
                threadCount: threads,
                stepTokensMax: stepTokens,
                chunkTokensMax: chunkTokens
            )
        )
    }

    /// Tokens of a prompt that are the same in every run.
    func prompt(_ count: Int, seed: UInt64) -> [TokenID] {
        var random = TokenizerFixture.Numbers(seed: seed)
        return (0..<count).map { _ in TokenID(UInt32.random(in: 3..<280, using: &random)) }
    }

    /// Samples of one prompt with consecutive numbers: free text, and then a digit in brackets.
    func samples(
        _ range: Range<UInt64>,
        prompt: Int = 0,
        seed: UInt64 = 1,
        tokenCountMax: Int = 20,
        temperature: Float = 1
    ) -> [CompletionRequest.Sample] {
        range.map { number in
            CompletionRequest.Sample(
                prompt: prompt,
                plan: plan(tokenCountMax),
                sampling: SamplingParameters(temperature: temperature),
                random: CounterRandom(seed: seed, sample: number)
            )
        }
    }

    /// Free text up to a full stop, then a choice.
    func plan(_ tokenCountMax: Int) -> GenerationPlan {
        GenerationPlan(
            free: GenerationPlan.FreeText(
                tokenCountMax: tokenCountMax,
                stops: [GenerationPlan.Stop(".", then: tokenizer.encode("\n"))],
                otherwise: tokenizer.encode("...")
            ),
            choices: [
                [tokenizer.encode("[")], (1...3).map { tokenizer.encode("\($0)") },
                [tokenizer.encode("]")],
            ]
        )
    }
}
