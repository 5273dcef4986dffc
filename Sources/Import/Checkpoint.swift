import Foundation
import Inference
import Store

/// A folder with a model as Hugging Face writes it, checked as far as that goes without its tensor data.
///
/// A model with a score head may be without an output matrix: then it is kept as one of tied embeddings,
/// and nothing is generated from it. Where the configuration ties them, an output matrix that is in the
/// files all the same is passed over, as transformers does.
struct Checkpoint: Sendable {
    /// The name of the folder.
    let name: String
    /// What config.json says.
    let config: CheckpointConfig
    /// The sizes as the store keeps them.
    let hyperparameters: Hyperparameters
    /// The tokenizer, with a token for every row of the embedding.
    let tokenizer: TokenizerModel
    /// The tensors that the store gets, in the order of the shards and of their data.
    let tensors: [SourceTensor]

    private let folder: String
    private let shards: [SafetensorsFile]
    private let documents: SourceDigests
    private let shardBytes: [UInt64]

    /// Reads everything but the tensor data.
    ///
    /// Throws: `notFound`, `unreadable`, `notRegularFile`, `changed`, `badFormat`, `limit`,
    /// `unsupported`.
    init(reading place: ImportPlace) throws(ImportError) {
        name = place.name
        folder = place.path
        var documents = SourceDigests()
        let configFile = try readWholeFile(
            at: "\(folder)/config.json",
            maximumBytes: ImportLimits.configBytes
        )
        documents.add(configFile)
        config = try CheckpointConfig(configFile.bytes, name: configFile.name)
        (shards, shardBytes) = try readHeaders(in: folder, &documents)
        let table = try CheckpointTable(shards, config)
        tensors = table.tensors
        hyperparameters = table.hyperparameters
        tokenizer = try readTokenizer(
            in: folder,
            count: Int(hyperparameters.vocabularyCount),
            &documents
        )
        self.documents = documents
    }

    /// How far the shards have been read.
    func progress(
        _ phase: ImportProgress.Phase,
        tensor: String,
        shard: Int,
        _ source: borrowing SourceFile
    ) -> ImportProgress {
        source.progress(phase, tensor: tensor, before: bytes(before: shard), total: totalBytes)
    }

    /// The beginning or the end of the reading.
    func progress(_ phase: ImportProgress.Phase) -> ImportProgress {
        ImportProgress(
            phase: phase,
            tensor: "",
            bytesDone: phase == .done ? totalBytes : 0,
            bytesTotal: totalBytes
        )
    }

    /// Reads every shard from its first byte to its last.
    ///
    /// - Parameters:
    ///   - progress: Told when a shard is read to its end.
    ///   - body: Called with each shard, positioned behind its header.
    /// - Returns: The digests of all files of the folder that were read.
    /// - Throws: `changed` if a header is not what it was before; what `body` throws.
    func readShards(
        _ progress: (ImportProgress) -> Void,
        _ body: (Int, inout SourceFile) throws(ImportError) -> Void
    ) throws(ImportError) -> SourceDigests {
        var digests = documents
        for (index, shard) in shards.enumerated() {
            var source = try SourceFile(opening: "\(folder)/\(shard.fileName)")
            guard source.byteCount == shardBytes[index],
                try SafetensorsFile(reading: &source) == shard
            else {
                throw source.error(
                    .changed,
                    "the header",
                    expected: "no write while the model is read",
                    found: "another header than before"
                )
            }
            try body(index, &source)
            progress(self.progress(.digesting, tensor: "", shard: index, source))
            let bytes = source.byteCount
            digests.add(shard.fileName, sha256: try source.finish(), bytes: bytes)
        }
        return digests
    }

    private var totalBytes: UInt64 { bytes(before: shardBytes.count) }

    private func bytes(before shard: Int) -> UInt64 {
        documents.bytes + shardBytes[..<shard].reduce(0, +)
    }
}

/// The headers of model.safetensors or, without it, of the shards of its index.
private func readHeaders(
    in folder: String,
    _ documents: inout SourceDigests
) throws(ImportError) -> (shards: [SafetensorsFile], bytes: [UInt64]) {
    let single = "model.safetensors"
    let indexPath = "\(folder)/\(single).index.json"
    var index: ShardIndex?
    if !FileManager.default.fileExists(atPath: "\(folder)/\(single)"),
        FileManager.default.fileExists(atPath: indexPath)
    {
        let file = try readWholeFile(at: indexPath, maximumBytes: ImportLimits.indexBytes)
        documents.add(file)
        index = try ShardIndex(file.bytes, name: file.name)
    }
    var shards: [SafetensorsFile] = []
    var bytes: [UInt64] = []
    for name in index?.files ?? [single] {
        var source = try SourceFile(opening: "\(folder)/\(name)")
        let shard = try SafetensorsFile(reading: &source)
        try index?.check(shard)
        shards.append(shard)
        bytes.append(source.byteCount)
    }
    return (shards, bytes)
}

/// The tokenizer, filled up to a number of tokens with some that are never made from text.
///
/// Embeddings are often padded to a round number of rows.
private func readTokenizer(
    in folder: String,
    count: Int,
    _ documents: inout SourceDigests
) throws(ImportError) -> TokenizerModel {
    let file = try readWholeFile(
        at: "\(folder)/tokenizer.json",
        maximumBytes: TokenizerJSON.maximumBytes
    )
    documents.add(file)
    var config: TokenizerConfigJSON?
    let configPath = "\(folder)/tokenizer_config.json"
    if FileManager.default.fileExists(atPath: configPath) {
        let file = try readWholeFile(
            at: configPath,
            maximumBytes: TokenizerConfigJSON.maximumBytes
        )
        documents.add(file)
        config = try TokenizerConfigJSON(file.bytes, name: file.name)
    }
    var model = try TokenizerJSON(file.bytes, name: file.name).model(config: config)
    guard model.tokens.count <= count else {
        throw ImportError(
            .badFormat,
            subject: "\(file.name): the vocabulary",
            expected: "at most \(count) tokens, the rows of the embedding",
            found: "\(model.tokens.count)"
        )
    }
    for id in model.tokens.count..<count {
        model.tokens.append("[PAD\(id)]")
        model.controlIDs.append(UInt32(id))
    }
    try checkChatFormat(config?.chatTemplate, of: model, in: file.name)
    return model
}

/// Makes sure that the chat format is ChatML: by the template, if there is one, and by the tokens.
private func checkChatFormat(
    _ template: String?,
    of model: TokenizerModel,
    in file: String
) throws(ImportError) {
    if let template, !template.contains("<|im_start|>") {
        throw ImportError(
            .unsupported,
            subject: "tokenizer_config.json \"chat_template\"",
            expected: "a template that opens a message with <|im_start|>",
            found: "another template"
        )
    }
    let controls = Set(model.controlIDs.map { model.tokens[Int($0)] })
    for marker in ["<|im_start|>", "<|im_end|>"] where !controls.contains(marker) {
        throw ImportError(
            .unsupported,
            subject: "\(file): added_tokens",
            expected: "the special token \(marker)",
            found: "a vocabulary without it"
        )
    }
}
