import Inference
import Store
import Testing

@testable import Import

@Suite("Understanding a GGUF file as a model")
struct GGUFModelTests {
    @Test("The parameters, the tokenizer and the names are those of the file")
    func readsModel() throws {
        let folder = try ImportFolder()
        let model = try folder.model(of: folder.write(TinyModel.builder().bytes()))
        let parameters = model.hyperparameters
        #expect(parameters.layerCount == 1)
        #expect(parameters.width == 32)
        #expect(parameters.headCount == 2)
        #expect(parameters.kvHeadCount == 1)
        #expect(parameters.headWidth == 16)
        #expect(parameters.feedForwardWidth == 64)
        #expect(parameters.vocabularyCount == 262)
        #expect(parameters.contextTokens == 128)
        #expect(parameters.ropeBase == 10_000)
        #expect(parameters.normEpsilon == 1e-5)
        #expect(parameters.tiedEmbeddings)
        #expect(model.tokenizer.controlIDs == [0, 1, 2])
        #expect(model.tokenizer.beginID == 1)
        #expect(model.tokenizer.endID == 2)
        #expect(model.tokenizer.paddingID == 2)
        #expect(!model.tokenizer.addsBegin)
        #expect(model.chatFormat == "chatml")
        #expect(model.licence == "apache-2.0")
        #expect(model.generalName == "Tiny Model")
    }

    @Test("What a file may leave out has the usual value")
    func readsDefaults() throws {
        let folder = try ImportFolder()
        var builder = TinyModel.builder()
        for key in ["llama.rope.freq_base", "llama.rope.dimension_count", "llama.vocab_size"] {
            builder.remove(key)
        }
        builder.remove("tokenizer.ggml.bos_token_id")
        let model = try folder.model(of: folder.write(builder.bytes()))
        #expect(model.hyperparameters.ropeBase == 10_000)
        #expect(model.hyperparameters.vocabularyCount == 262)
        #expect(model.tokenizer.beginID == nil)
    }

    @Test("A file with an output matrix has embeddings of its own")
    func readsOutput() throws {
        let folder = try ImportFolder()
        var builder = TinyModel.builder()
        builder.change("token_embd.weight") { $0.name = Array("output.weight".utf8) }
        let output = builder.tensors[0]
        builder.tensors.append(output)
        builder.tensors[0].name = Array("token_embd.weight".utf8)
        let model = try folder.model(of: folder.write(builder.bytes()))
        #expect(!model.hyperparameters.tiedEmbeddings)
    }

    @Test("Unknown and unused tokens are never made from text, user-defined ones stay")
    func readsTokenTypes() throws {
        let folder = try ImportFolder()
        var builder = TinyModel.builder()
        var types = [Int32](repeating: 1, count: 262)
        types.replaceSubrange(0..<3, with: [2, 3, 3])
        types[260] = 4
        types[261] = 5
        builder.set("tokenizer.ggml.token_type", MetadataBytes.int32s(types))
        // No merge may lead to a token that is never made from text.
        builder.set("tokenizer.ggml.merges", MetadataBytes.texts(["h e", "l l"]))
        let model = try folder.model(of: folder.write(builder.bytes()))
        #expect(model.tokenizer.controlIDs == [0, 1, 2, 261])
    }

    @Test("A wrong value is refused with its own reason", arguments: shapes + heads + tokenizers)
    func refuses(corruption: Corruption) throws {
        let folder = try ImportFolder()
        var builder = TinyModel.builder()
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

    static let shapes: [Corruption] = [
        Corruption("another architecture", .unsupported, "expected llama or qwen2, found \"gpt2\"")
        {
            $0.set("general.architecture", MetadataBytes.text("gpt2"))
        },
        Corruption("no architecture", .badFormat, "general.architecture") {
            $0.remove("general.architecture")
        },
        Corruption("513 layers", .limit, "at most 512") {
            $0.set("llama.block_count", MetadataBytes.uint32(513))
        },
        Corruption("no layer", .badFormat, "a positive integer") {
            $0.set("llama.block_count", MetadataBytes.uint32(0))
        },
        Corruption("-1 layers", .badFormat, "a positive integer") {
            $0.set("llama.block_count", MetadataBytes.int32(-1))
        },
        Corruption("layers as text", .badFormat, "a positive integer") {
            $0.set("llama.block_count", MetadataBytes.text("1"))
        },
        Corruption("one layer more than tensors", .badFormat, "blk.1.") {
            $0.set("llama.block_count", MetadataBytes.uint32(2))
        },
        Corruption("width of 2^40", .limit, "at most 65536") {
            $0.set("llama.embedding_length", MetadataBytes.uint64(1 << 40))
        },
        Corruption("width of another model", .badFormat, "rows and columns") {
            $0.set("llama.embedding_length", MetadataBytes.uint32(64))
            $0.remove("llama.rope.dimension_count")
        },
        Corruption("feed-forward width a layer", .unsupported, "one number for all layers") {
            $0.set("llama.feed_forward_length", MetadataBytes.int32s([64]))
        },
        Corruption("no context", .badFormat, "llama.context_length") {
            $0.remove("llama.context_length")
        },
        Corruption("context of 2^31", .limit, "at most 16777216") {
            $0.set("llama.context_length", MetadataBytes.uint32(1 << 31))
        },
        Corruption("unknown key of the architecture", .unsupported, "llama.logit_scale") {
            $0.set("llama.logit_scale", MetadataBytes.float(2))
        },
        Corruption("unknown tensor", .unsupported, "one that grmd does not know") {
            $0.change("output_norm.weight") { $0.name = Array("rope_freqs.weight".utf8) }
        },
        Corruption("missing tensor", .badFormat, "output_norm.weight") {
            $0.tensors.removeAll { $0.name == Array("output_norm.weight".utf8) }
        },
        Corruption("rows and columns exchanged", .badFormat, "rows and columns [64, 32]") {
            $0.change("blk.0.ffn_up.weight") { $0.dimensions = [64, 32] }
        },
        Corruption("matrix for a vector", .badFormat, "rows and columns [32]") {
            $0.change("output_norm.weight") { $0.dimensions = [32, 1] }
        },
    ]

    static let heads: [Corruption] = [
        Corruption("heads that do not divide the width", .badFormat, "a divisor of the width 32") {
            $0.set("llama.attention.head_count", MetadataBytes.uint32(3))
        },
        Corruption("key heads that do not divide the heads", .badFormat, "a divisor of 2 heads") {
            $0.set("llama.attention.head_count_kv", MetadataBytes.uint32(4))
        },
        Corruption("heads of odd width", .limit, "an even number") {
            $0.set("llama.attention.key_length", MetadataBytes.uint32(15))
        },
        Corruption("values of another width than keys", .unsupported, "16, as for keys") {
            $0.set("llama.attention.value_length", MetadataBytes.uint32(8))
        },
        Corruption("heads a layer", .unsupported, "one number for all layers") {
            $0.set("llama.attention.head_count", MetadataBytes.int32s([2]))
        },
        Corruption("rotary over half a head", .unsupported, "16, the width of a head") {
            $0.set("llama.rope.dimension_count", MetadataBytes.uint32(8))
        },
        Corruption("rotary base that is no number", .badFormat, "a number from 1.0") {
            $0.set("llama.rope.freq_base", MetadataBytes.float(.nan))
        },
        Corruption("rotary base of 0", .badFormat, "a number from 1.0") {
            $0.set("llama.rope.freq_base", MetadataBytes.float(0))
        },
        Corruption("rotary scaling", .unsupported, "found \"yarn\"") {
            $0.set("llama.rope.scaling.type", MetadataBytes.text("yarn"))
        },
        Corruption("rotary scaling factor", .unsupported, "llama.rope.scaling.factor") {
            $0.set("llama.rope.scaling.factor", MetadataBytes.float(4))
        },
        Corruption("epsilon of -1", .badFormat, "a number from") {
            $0.set("llama.attention.layer_norm_rms_epsilon", MetadataBytes.float(-1))
        },
        Corruption("no epsilon", .badFormat, "layer_norm_rms_epsilon") {
            $0.remove("llama.attention.layer_norm_rms_epsilon")
        },
    ]

    static let tokenizers: [Corruption] = [
        Corruption("another tokenizer", .unsupported, "\"gpt2\", byte-level BPE") {
            $0.set("tokenizer.ggml.model", MetadataBytes.text("llama"))
        },
        Corruption("another pre-tokenizer", .badFormat, "tokenizer") {
            $0.set("tokenizer.ggml.pre", MetadataBytes.text("nobody-knows"))
        },
        Corruption("tokens that are numbers", .badFormat, "an array of texts") {
            $0.set("tokenizer.ggml.tokens", MetadataBytes.int32s([1]))
        },
        Corruption("no tokens", .limit, "1 to 1048576 tokens") {
            $0.set("tokenizer.ggml.tokens", MetadataBytes.texts([]))
        },
        Corruption("one token less than rows", .badFormat, "262, the number of") {
            $0.set("llama.vocab_size", MetadataBytes.uint32(261))
            // The stated count is compared with the tokens before the rows are.
        },
        Corruption("a token twice", .badFormat, "tokenizer") {
            $0.set(
                "tokenizer.ggml.tokens",
                MetadataBytes.texts(Array(TinyModel.tokens.dropLast()) + ["he"])
            )
        },
        Corruption("one type too few", .badFormat, "262 types") {
            $0.set("tokenizer.ggml.token_type", MetadataBytes.int32s([3, 3, 3]))
        },
        Corruption("a byte token", .unsupported, "a type from 1 to 5") {
            $0.set(
                "tokenizer.ggml.token_type",
                MetadataBytes.int32s([3, 3, 3, 6] + [Int32](repeating: 1, count: 258))
            )
        },
        Corruption("a merge of unknown tokens", .badFormat, "tokenizer") {
            $0.set("tokenizer.ggml.merges", MetadataBytes.texts(["nobody knows"]))
        },
        Corruption("end token outside the vocabulary", .badFormat, "one of 262 tokens") {
            $0.set("tokenizer.ggml.eos_token_id", MetadataBytes.uint32(262))
        },
        Corruption("begin token of -1", .badFormat, "one of 262 tokens") {
            $0.set("tokenizer.ggml.bos_token_id", MetadataBytes.int32(-1))
        },
        Corruption("an end token behind every text", .unsupported, "add_eos_token") {
            $0.set("tokenizer.ggml.add_eos_token", MetadataBytes.bool(1))
        },
        Corruption("no chat template", .unsupported, "no template") {
            $0.remove("tokenizer.chat_template")
        },
        Corruption("another chat template", .unsupported, "<|im_start|>") {
            $0.set("tokenizer.chat_template", MetadataBytes.text("[INST] {{ m }} [/INST]"))
        },
        Corruption("a marker that text can make", .unsupported, "the control token <|im_end|>") {
            $0.set(
                "tokenizer.ggml.token_type",
                MetadataBytes.int32s([3, 3, 4] + [Int32](repeating: 1, count: 259))
            )
        },
    ]
}
