import Foundation
import Inference
import Kernels
import Store
import Testing

@testable import Import

@Suite("Importing a folder of Hugging Face")
struct CheckpointTests {
    @Test(
        "A folder gives the tensors, sizes and tokenizer that the same model as GGUF gives",
        arguments: [(SourceType.f32, "llama"), (.bf16, "llama"), (.f16, "llama"), (.f32, "qwen2")]
    )
    func equalsGGUF(type: SourceType, architecture: String) throws {
        let folder = try ImportFolder()
        let file = try folder.write(TinyModel.builder(type, architecture: architecture).bytes())
        let first = try folder.run(file, ImportOptions(name: "gguf")).manifest
        let checkpoint = try TinyCheckpoint(type, architecture: architecture)
        let second = try folder.run(checkpoint.write(to: folder)).manifest
        #expect(second.name == "tiny")
        #expect(places(second) == places(first))
        #expect(second.hyperparameters == first.hyperparameters)
        #expect(second.architecture == first.architecture)
        #expect(second.chatFormat == first.chatFormat)
        #expect(second.tokenizer.sha256 == first.tokenizer.sha256)
        #expect(second.role == "grm")
    }

    @Test("Every format rounds as it does for GGUF", arguments: NumberFormat.allCases)
    func rounds(format: NumberFormat) throws {
        let folder = try ImportFolder()
        let file = try folder.write(TinyModel.builder(.f32).bytes())
        let first = try folder.run(file, ImportOptions(name: "gguf", format: format)).manifest
        let path = try TinyCheckpoint().write(to: folder)
        let second = try folder.run(path, ImportOptions(format: format)).manifest
        #expect(places(second) == places(first))
        #expect(second.rounding == first.rounding)
    }

    @Test(
        "Shards give what one file gives, and the digest is that of all files",
        arguments: [2, 5]
    )
    func readsShards(count: Int) throws {
        let folder = try ImportFolder()
        let checkpoint = try TinyCheckpoint()
        let one = try folder.run(checkpoint.write(to: folder, as: "one")).manifest
        let path = try checkpoint.writeShards(count, to: folder, as: "shards")
        let several = try folder.run(path).manifest
        #expect(places(several) == places(one))
        #expect(several.source.sha256 != one.source.sha256)
        let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        let digests = try names.map { name in
            try folder.digest(of: [UInt8](Data(contentsOf: URL(filePath: "\(path)/\(name)"))))
        }
        let all = try folder.digest(of: [UInt8](digests.reduce(Data(), +)))
        #expect(several.source.sha256 == all)
        #expect(several.source.file == "shards")
        #expect(
            try folder.run(path, ImportOptions(expectedSHA256: hexadecimal(all))).manifest
                == several
        )
        let wrong = ImportOptions(name: "w", expectedSHA256: String(repeating: "1", count: 64))
        let error = #expect(throws: ImportError.self) { try folder.run(path, wrong) }
        #expect(error?.code == .digestMismatch)
    }

    @Test("A path to model.safetensors stands for its folder, and a second import changes nothing")
    func readsFilePath() throws {
        let folder = try ImportFolder()
        let path = try TinyCheckpoint().write(to: folder)
        let first = try folder.run(path + "/model.safetensors")
        #expect(first.manifest.name == "tiny")
        #expect(try folder.run(path) == first)
        #expect(try folder.packs().count == 1)
    }

    @Test("A classifier becomes a scalar model: a head, and tied embeddings")
    func readsClassifier() throws {
        let folder = try ImportFolder()
        var checkpoint = try TinyCheckpoint(isClassifier: true)
        checkpoint.config["tie_word_embeddings"] = "false"
        var options = ImportOptions()
        options.role = .metaRM
        options.metaThreshold = 0.25
        let manifest = try folder.run(checkpoint.write(to: folder), options).manifest
        #expect(manifest.role == "meta-rm")
        #expect(manifest.metaThreshold == 0.25)
        #expect(manifest.hyperparameters.tiedEmbeddings)
        #expect(try values("score.weight", manifest, folder) == (0..<32).map { Float($0) / 8 - 2 })
        #expect(try values("score.bias", manifest, folder) == [0])
    }

    @Test("A classifier's bias is kept, and so is an output matrix that is not tied")
    func readsBias() throws {
        let folder = try ImportFolder()
        var checkpoint = try TinyCheckpoint(isClassifier: true)
        checkpoint.config["tie_word_embeddings"] = "false"
        let embedding = try #require(checkpoint.weights.tensors.first)
        var output = embedding
        output.name = "lm_head.weight"
        checkpoint.weights.tensors.append(output)
        checkpoint.weights.add("score.bias", [1], [-1.5])
        let manifest = try folder.run(checkpoint.write(to: folder)).manifest
        #expect(!manifest.hyperparameters.tiedEmbeddings)
        #expect(manifest.tensors.contains { $0.name == "output.weight" })
        #expect(try values("score.bias", manifest, folder) == [-1.5])
        #expect(manifest.role == "grm")
    }

    @Test("Rows of the embedding without a token get one that no text becomes")
    func padsVocabulary() throws {
        let folder = try ImportFolder()
        var checkpoint = try TinyCheckpoint()
        let count = TinyModel.tokens.count
        checkpoint.config["vocab_size"] = "\(count + 2)"
        checkpoint.weights.change("model.embed_tokens.weight") {
            $0.shape[0] += 2
            $0.data += [UInt8](repeating: 0, count: 2 * 32 * 4)
        }
        let version = try folder.run(checkpoint.write(to: folder))
        let tokenizer = try DecoderWeights.tokenizer(of: version, in: folder.store())
        #expect(tokenizer.vocabularyCount == count + 2)
        #expect(tokenizer.isControl(TokenID(UInt32(count))))
        #expect(tokenizer.controlToken("[PAD\(count + 1)]") == TokenID(UInt32(count + 1)))
        let text = tokenizer.encode("[PAD\(count)]").map(\.rawValue)
        #expect(!text.contains(UInt32(count)))
    }

    @Test("Tensors that nothing is computed from are passed over")
    func skipsInert() throws {
        let folder = try ImportFolder()
        var checkpoint = try TinyCheckpoint()
        let plain = try folder.run(checkpoint.write(to: folder, as: "plain")).manifest
        checkpoint.weights.add(
            "model.layers.0.self_attn.rotary_emb.inv_freq",
            [8],
            Array(repeating: 1, count: 8)
        )
        checkpoint.weights.add("lm_head.weight", [1, 1], [1])
        #expect(try places(folder.run(checkpoint.write(to: folder)).manifest) == places(plain))
    }

    /// Format, shape and digest of every tensor by name.
    private func places(_ manifest: VersionManifest) -> [String: [String]] {
        Dictionary(
            uniqueKeysWithValues: manifest.tensors.map {
                ($0.name, [$0.format, "\($0.shape)", $0.sourceType, hexadecimal($0.blob.sha256)])
            }
        )
    }
}

/// The floats of a stored vector.
func values(
    _ name: String,
    _ manifest: VersionManifest,
    _ folder: ImportFolder
) throws -> [Float] {
    let record = try #require(manifest.tensors.first { $0.name == name })
    #expect(record.format == "f32")
    let map = try WeightMap(folder.store(), pack: record.blob.pack)
    try map.verify(record.blob)
    return try map.withBytes(of: record.blob) { try widened($0, type: .f32) }
}
