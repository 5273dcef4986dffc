import Foundation
import Testing

@testable import Import

/// One wrong thing in an otherwise sound folder, and how it has to be refused.
struct FolderFault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: ImportError.Code
    /// A part of the error's text.
    let text: String
    let change: @Sendable (inout TinyCheckpoint) throws -> Void

    init(
        _ description: String,
        _ code: ImportError.Code,
        _ text: String,
        _ change: @escaping @Sendable (inout TinyCheckpoint) throws -> Void
    ) {
        testDescription = description
        self.code = code
        self.text = text
        self.change = change
    }

    /// A member of config.json with another value.
    static func config(
        _ key: String,
        _ value: String?,
        _ code: ImportError.Code,
        _ text: String
    ) -> FolderFault {
        FolderFault("\(key) = \((value ?? "nothing").prefix(40))", code, text) {
            $0.config[key] = value
        }
    }
}

@Suite("Refusing folders of Hugging Face with one wrong thing")
struct CheckpointRefusalTests {
    @Test(
        "A wrong configuration, tokenizer or table is refused with its own reason",
        arguments: sizes + arithmetic + documents + tables
    )
    func refuses(fault: FolderFault) throws {
        let folder = try ImportFolder()
        var checkpoint = try TinyCheckpoint()
        try fault.change(&checkpoint)
        let path = try checkpoint.write(to: folder)
        let error = #expect(throws: ImportError.self) { try folder.run(path) }
        #expect(error?.code == fault.code, "\(String(describing: error))")
        #expect(
            error?.description.contains(fault.text) == true,
            "\(String(describing: error))"
        )
        #expect(try (folder.packs()).isEmpty)
    }

    static let sizes: [FolderFault] = [
        .config("hidden_size", nil, .badFormat, "the key"),
        .config("hidden_size", "1e999", .badFormat, "a positive integer"),
        .config("hidden_size", "-32", .badFormat, "a positive integer"),
        .config("hidden_size", "32.0", .badFormat, "a positive integer"),
        .config("hidden_size", "\"32\"", .badFormat, "a positive integer"),
        .config("hidden_size", "99999999999999999999999", .limit, "at most 65536"),
        .config("num_hidden_layers", "513", .limit, "at most 512"),
        .config("num_hidden_layers", "2", .badFormat, "a model without it"),
        .config("num_attention_heads", "3", .badFormat, "a divisor of the width 32"),
        .config("num_key_value_heads", "0", .badFormat, "a positive integer"),
        .config("head_dim", "24", .unsupported, "head width"),
        .config("vocab_size", "1048577", .limit, "at most 1048576"),
        .config("vocab_size", "9", .badFormat, "rows and columns [9, 32]"),
        .config("rms_norm_eps", "1e999", .badFormat, "a number from"),
        .config("rms_norm_eps", "NaN", .badFormat, "JSON at byte"),
        .config("max_position_embeddings", "16777217", .limit, "at most 16777216"),
    ]

    static let arithmetic: [FolderFault] = [
        .config("model_type", "\"gemma\"", .unsupported, "llama or qwen2"),
        .config("architectures", "[\"Qwen2ForCausalLM\"]", .unsupported, "LlamaForCausalLM"),
        .config("architectures", "null", .unsupported, "LlamaForCausalLM"),
        .config("attention_bias", "true", .unsupported, "attention_bias"),
        .config("mlp_bias", "true", .unsupported, "mlp_bias"),
        .config("hidden_act", "\"gelu\"", .unsupported, "\"silu\""),
        .config("use_sliding_window", "true", .unsupported, "use_sliding_window"),
        .config("layer_types", "[\"sliding_attention\"]", .unsupported, "full_attention"),
        .config("quantization_config", "{\"bits\":4}", .unsupported, "quantization_config"),
        .config("rope_scaling", "{\"rope_type\":\"yarn\"}", .unsupported, "\"default\""),
        .config("rope_parameters", "{\"type\":\"linear\"}", .unsupported, "\"default\""),
        .config("rope_parameters", "{\"rope_theta\":0}", .badFormat, "a number from"),
        .config("rope_interleaved", "true", .unsupported, "rope_interleaved"),
        .config("tie_word_embeddings", "false", .badFormat, "lm_head.weight"),
    ]

    static let documents: [FolderFault] = [
        FolderFault("a key twice", .badFormat, "every key once") {
            $0.config["x\":1,\"x"] = "2"
        },
        FolderFault("deep JSON", .limit, "at most 16 levels") {
            $0.config["x"] = String(repeating: "[", count: 60_000)
        },
        FolderFault("many values", .limit, "at most 65536 values") {
            $0.config["x"] = "[" + String(repeating: "0,", count: 70_000) + "0]"
        },
        FolderFault("long config", .limit, "at most 1048576 bytes") {
            $0.config["x"] = "\"" + String(repeating: "a", count: 1 << 20) + "\""
        },
        FolderFault("no tokenizer", .badFormat, "tokenizer.json") { $0.tokenizer = "" },
        FolderFault("another template", .unsupported, "chat_template") {
            $0.tokenizerConfig = #"{"chat_template":"[INST] {{ m }} [/INST]"}"#
        },
        FolderFault("no ChatML tokens", .unsupported, "the special token <|im_end|>") {
            $0.tokenizerConfig = nil
            $0.tokenizer = $0.tokenizer.replacingOccurrences(of: "<|im_end|>", with: "<|other|>")
        },
        FolderFault("another special token", .badFormat, "eos_token") {
            $0.tokenizerConfig = #"{"eos_token":"</s>"}"#
        },
    ]

    static let tables: [FolderFault] = [
        FolderFault("a tensor is missing", .badFormat, "model.norm.weight") {
            $0.weights.remove("model.norm.weight")
        },
        FolderFault("a tensor is one too many", .unsupported, "an unknown one") {
            $0.weights.add("model.extra.weight", [1], [1])
        },
        FolderFault("a head without a classifier", .unsupported, "score.weight") {
            $0.weights.add("score.weight", [1, 32], Array(repeating: 1, count: 32))
        },
        FolderFault("another shape", .badFormat, "rows and columns [32]") {
            $0.weights.change("model.norm.weight") { $0.shape = [1, 32] }
        },
        FolderFault("an infinite number", .badFormat, "finite numbers") {
            $0.weights.change("model.layers.0.mlp.up_proj.weight") {
                $0.data.replaceSubrange(400..<404, with: littleEndian(Float.infinity.bitPattern))
            }
        },
        FolderFault("not a number", .badFormat, "at 3") {
            $0.weights.change("model.norm.weight") {
                $0.data.replaceSubrange(12..<16, with: littleEndian(Float.nan.bitPattern))
            }
        },
    ]

    @Test(
        "A classifier has one label",
        arguments: [("num_labels", "2"), ("id2label", #"{"0":"a","1":"b"}"#)]
    )
    func refusesLabels(key: String, value: String) throws {
        let folder = try ImportFolder()
        var checkpoint = try TinyCheckpoint(isClassifier: true)
        checkpoint.config[key] = value
        let path = try checkpoint.write(to: folder)
        let error = #expect(throws: ImportError.self) { try folder.run(path) }
        #expect(error?.code == .unsupported)
        #expect(error?.expected == "one label")
    }

    @Test("A head of two rows is refused")
    func refusesTwoRows() throws {
        let folder = try ImportFolder()
        var checkpoint = try TinyCheckpoint(isClassifier: true)
        checkpoint.config["id2label"] = nil
        checkpoint.weights.remove("score.weight")
        checkpoint.weights.add("score.weight", [2, 32], Array(repeating: 1, count: 64))
        let path = try checkpoint.write(to: folder)
        let error = #expect(throws: ImportError.self) { try folder.run(path) }
        #expect(error?.code == .badFormat)
        #expect(error?.expected == "rows and columns [1, 32]")
    }

    @Test(
        "An index that lies is refused",
        arguments: [
            ("model-2-of-2", "../up", "beside the index"),
            ("model-2-of-2", "/etc/x", "beside the index"),
            ("model-2-of-2", "model-3-of-2", "a file"),
            ("model.norm.weight", "model.other.weight", "in the index"),
            ("weight_map", "weights", "at least one tensor"),
        ]
    )
    func refusesIndex(text: String, other: String, reason: String) throws {
        let folder = try ImportFolder()
        let path = try TinyCheckpoint().writeShards(2, to: folder, as: "shards")
        let file = path + "/model.safetensors.index.json"
        let index = try String(contentsOfFile: file, encoding: .utf8)
        _ = try folder.write(
            Array(index.replacingOccurrences(of: text, with: other).utf8),
            as: "shards/model.safetensors.index.json"
        )
        let error = #expect(throws: ImportError.self) { try folder.run(path) }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }

    @Test("A link to a shard, to a document and to a folder is refused")
    func refusesLinks() throws {
        let folder = try ImportFolder()
        let path = try TinyCheckpoint().write(to: folder)
        for name in ["model.safetensors", "config.json", "tokenizer.json"] {
            let file = "\(path)/\(name)"
            try FileManager.default.moveItem(atPath: file, toPath: file + ".moved")
            try FileManager.default.createSymbolicLink(
                atPath: file,
                withDestinationPath: file + ".moved"
            )
            let error = #expect(throws: ImportError.self) { try folder.run(path) }
            #expect(error?.code == .notRegularFile)
            try FileManager.default.removeItem(atPath: file)
            try FileManager.default.moveItem(atPath: file + ".moved", toPath: file)
        }
        let link = folder.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        let error = #expect(throws: ImportError.self) { try folder.run(link) }
        #expect(error?.code == .notRegularFile)
        #expect(error?.found == "a symbolic link")
        _ = try folder.run(path)
    }

    @Test("A shard that changes between its header and its data is refused and leaves nothing")
    func refusesChange() throws {
        let folder = try ImportFolder()
        let checkpoint = try TinyCheckpoint()
        let path = try checkpoint.writeShards(2, to: folder, as: "shards")
        var other = checkpoint.weights
        other.tensors = Array(other.tensors.reversed().prefix(2))
        var hasWritten = false
        let meddleOnce = { (step: ImportProgress) in
            guard step.phase == .packing, !hasWritten else { return }
            hasWritten = true
            #expect(throws: Never.self) {
                try folder.write(other.bytes(), as: "shards/model-2-of-2.safetensors")
            }
        }
        let error = #expect(throws: ImportError.self) {
            try importModel(
                at: path,
                into: folder.store(),
                options: ImportOptions(),
                progress: meddleOnce
            )
        }
        #expect(hasWritten)
        #expect(error?.code == .changed, "\(String(describing: error))")
        #expect(try folder.packs().isEmpty)
    }
}
