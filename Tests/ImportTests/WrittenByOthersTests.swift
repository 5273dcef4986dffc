import Foundation
import Inference
import Kernels
import Store
import Testing

@testable import Import

@Suite("Importing files that another program wrote")
struct WrittenByOthersTests {
    @Test(
        "The model named by GRMD_MODEL is imported with all its tensors",
        .enabled(if: ProcessInfo.processInfo.environment["GRMD_MODEL"] != nil)
    )
    func importsRealModel() throws {
        let folder = try ImportFolder()
        let path = try #require(ProcessInfo.processInfo.environment["GRMD_MODEL"])
        let version = try folder.run(path)
        let manifest = version.manifest
        let file = try folder.header(of: path)
        #expect(manifest.tensors.map(\.name) == file.tensors.map(\.name))
        #expect(manifest.tensors.count == Int(9 * manifest.hyperparameters.layerCount) + 2)
        #expect(manifest.hyperparameters.width == 576)
        #expect(manifest.hyperparameters.ropeBase == 100_000)
        #expect(manifest.hyperparameters.contextTokens == 8_192)
        #expect(manifest.licence == "apache-2.0")
        let map = try WeightMap(folder.store(), pack: manifest.tokenizer.pack)
        for record in manifest.tensors { try map.verify(record.blob) }
        #expect(try folder.run(path) == version)
    }

    @Test(
        "Files that the gguf package of Python wrote are read with every tensor",
        arguments: ["f32", "f16", "bf16", "q8_0", "q4_0", "q4_1"]
    )
    func readsFixtures(type: String) throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = try ImportFolder()
        let file = try folder.header(
            of: tests.appendingPathComponent("GoldenTests/Fixtures/tiny-\(type).gguf").path
        )
        let matrix = try #require(file.tensors.first { $0.name == "blk.0.ffn_down.weight" })
        #expect(matrix.dimensions == [96, 64])
        #expect(matrix.type.name.lowercased() == type)
        let parameters = try GGUFModel(file).hyperparameters
        #expect(file.tensors.count == Int(9 * parameters.layerCount) + 2)
        #expect(parameters.kvHeadCount == 2)
        #expect(try TokenizerModel(file).preTokenizer == "smollm")
    }

    @Test("The mixed types of a qwen2 file that the gguf package of Python wrote are read")
    func readsMixedFixture() throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = try ImportFolder()
        let path = tests.appendingPathComponent("GoldenTests/Fixtures/tiny-qwen2.gguf").path
        let model = try folder.model(of: path)
        #expect(model.architecture.name == "qwen2")
        #expect(model.tokenizer.preTokenizer == "qwen2")
        #expect(model.hyperparameters.layerCount == 3)
        #expect(!model.hyperparameters.tiedEmbeddings)
        let rounding = try folder.run(path).manifest.rounding
        #expect(rounding.map(\.sourceType) == ["Q5_1", "Q4_K", "Q5_K", "Q6_K"])
    }
}
