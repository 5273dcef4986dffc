import Foundation
import Inference
import Kernels
import Store
import Testing

@testable import Import

@Suite("Understanding a GGUF file as a qwen2 model")
struct Qwen2ModelTests {
    @Test("The architecture, its biases and its tokenizer are those of the file")
    func readsModel() throws {
        let folder = try ImportFolder()
        let file = try folder.write(TinyModel.builder(architecture: "qwen2").bytes())
        let model = try folder.model(of: file)
        #expect(model.architecture.name == "qwen2")
        #expect(model.architecture.hasProjectionBiases)
        #expect(model.tokenizer.preTokenizer == "qwen2")
        let manifest = try folder.run(file).manifest
        #expect(manifest.architecture == "qwen2")
        let biases = manifest.tensors.filter { $0.name.hasSuffix(".bias") }
        #expect(biases.map(\.name) == ["q", "k", "v"].map { "blk.0.attn_\($0).bias" })
        #expect(biases.map(\.shape) == [[32], [16], [16]])
        #expect(biases.allSatisfy { $0.format == "f32" })
    }

    @Test("Heads whose width no key names have their share of the width")
    func readsHeads() throws {
        let folder = try ImportFolder()
        var builder = TinyModel.builder(architecture: "qwen2")
        for key in ["rope.dimension_count", "rope.freq_base", "vocab_size"] {
            builder.remove("qwen2.\(key)")
        }
        let model = try folder.model(of: folder.write(builder.bytes()))
        #expect(model.hyperparameters.headWidth == 16)
        #expect(model.hyperparameters.ropeBase == 10_000)
    }

    @Test("Rows of queries and keys lie in halves, whatever their order in the file")
    func ordersRows() throws {
        for (architecture, isTurned) in [("llama", true), ("qwen2", false)] {
            let folder = try ImportFolder()
            let builder = TinyModel.builder(architecture: architecture)
            let manifest = try folder.run(folder.write(builder.bytes())).manifest
            for name in ["blk.0.attn_q.weight", "blk.0.attn_k.weight"] {
                let tensor = try #require(builder.tensors.first { $0.name == Array(name.utf8) })
                let record = try #require(manifest.tensors.first { $0.name == name })
                let expected = isTurned ? tensor.inHalves(headWidth: 16) : tensor
                #expect(expected.data != (isTurned ? tensor : tensor.inHalves(headWidth: 16)).data)
                #expect(try record.blob.sha256 == folder.digest(of: expected.data))
            }
        }
    }

    @Test("A wrong value is refused with its own reason", arguments: corruptions)
    func refuses(corruption: Corruption) throws {
        let folder = try ImportFolder()
        var builder = TinyModel.builder(architecture: "qwen2")
        corruption.change(&builder)
        let file = try folder.write(builder.bytes())
        #expect(throws: Never.self, "the container is sound") { try folder.header(of: file) }
        let error = #expect(throws: ImportError.self) { try folder.model(of: file) }
        #expect(error?.code == corruption.code, "\(String(describing: error))")
        #expect(
            error?.description.contains(corruption.text) == true,
            "\(String(describing: error))"
        )
    }

    static let corruptions: [Corruption] = [
        Corruption("no bias", .badFormat, "blk.0.attn_k.bias") {
            $0.tensors.removeAll { $0.name == Array("blk.0.attn_k.bias".utf8) }
        },
        Corruption("bias of another length", .badFormat, "rows and columns [16]") {
            $0.change("blk.0.attn_v.bias") {
                $0.dimensions = [8]
                $0.data.removeLast(32)
            }
        },
        Corruption("bias with two dimensions", .badFormat, "rows and columns [32]") {
            $0.change("blk.0.attn_q.bias") { $0.dimensions = [32, 1] }
        },
        Corruption("bias where there is none", .unsupported, "a tensor of a qwen2 decoder") {
            $0.change("blk.0.attn_v.bias") { $0.name = Array("blk.0.attn_output.bias".utf8) }
        },
        Corruption("biases of another architecture", .badFormat, "llama.block_count") {
            $0.set("general.architecture", MetadataBytes.text("llama"))
        },
        Corruption("a window of attention", .unsupported, "qwen2.attention.sliding_window") {
            $0.set("qwen2.attention.sliding_window", MetadataBytes.uint32(4_096))
        },
        Corruption("a width that no block divides", .unsupported, "a multiple of 32") {
            $0.set("qwen2.embedding_length", MetadataBytes.uint32(48))
            $0.remove("qwen2.rope.dimension_count")
        },
    ]

    @Test("A llama with biases is refused")
    func refusesLlamaBias() throws {
        let folder = try ImportFolder()
        var builder = TinyModel.builder()
        let qwen2 = TinyModel.builder(architecture: "qwen2").tensors
        builder.tensors += qwen2.filter {
            String(decoding: $0.name, as: UTF8.self).hasSuffix("bias")
        }
        let file = try folder.write(builder.bytes())
        let error = #expect(throws: ImportError.self) { try folder.model(of: file) }
        #expect(error?.code == .unsupported)
        #expect(error?.expected == "a tensor of a llama decoder")
    }
}

extension GGUFBuilder.Tensor {
    /// The tensor with the rows of each head in halves, where the file has neighbouring pairs.
    func inHalves(headWidth: Int) -> GGUFBuilder.Tensor {
        var tensor = self
        let rowBytes = data.count / Int(dimensions[1])
        let rows = (0..<Int(dimensions[1])).map { data[$0 * rowBytes..<($0 + 1) * rowBytes] }
        var turned = rows
        for row in rows.indices {
            let (head, place) = row.quotientAndRemainder(dividingBy: headWidth)
            let target = head * headWidth + place % 2 * (headWidth / 2) + place / 2
            turned[target] = rows[row]
        }
        tensor.data = turned.flatMap { $0 }
        return tensor
    }
}
