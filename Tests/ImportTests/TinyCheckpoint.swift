import Foundation
import Kernels

/// The model of `TinyModel` as a folder of Hugging Face: the same numbers under other names, with the
/// rows of queries and keys in halves.
struct TinyCheckpoint: Sendable {
    /// What the tensors of `TinyModel` are called there.
    static let names = [
        "token_embd.weight": "model.embed_tokens.weight",
        "output_norm.weight": "model.norm.weight",
        "blk.0.attn_norm.weight": "model.layers.0.input_layernorm.weight",
        "blk.0.attn_q.weight": "model.layers.0.self_attn.q_proj.weight",
        "blk.0.attn_k.weight": "model.layers.0.self_attn.k_proj.weight",
        "blk.0.attn_v.weight": "model.layers.0.self_attn.v_proj.weight",
        "blk.0.attn_output.weight": "model.layers.0.self_attn.o_proj.weight",
        "blk.0.ffn_norm.weight": "model.layers.0.post_attention_layernorm.weight",
        "blk.0.ffn_gate.weight": "model.layers.0.mlp.gate_proj.weight",
        "blk.0.ffn_up.weight": "model.layers.0.mlp.up_proj.weight",
        "blk.0.ffn_down.weight": "model.layers.0.mlp.down_proj.weight",
        "blk.0.attn_q.bias": "model.layers.0.self_attn.q_proj.bias",
        "blk.0.attn_k.bias": "model.layers.0.self_attn.k_proj.bias",
        "blk.0.attn_v.bias": "model.layers.0.self_attn.v_proj.bias",
    ]

    /// The members of config.json, each as JSON.
    var config: [String: String]
    var weights = SafetensorsBuilder()
    var tokenizer: String
    var tokenizerConfig: String? = #"""
        {"bos_token":"<|im_start|>","eos_token":"<|im_end|>","pad_token":"<|im_end|>",
        "chat_template":"{% for m in messages %}<|im_start|>{{ m.role }}{% endfor %}"}
        """#

    init(
        _ type: SourceType = .f32,
        architecture: String = "llama",
        isClassifier: Bool = false
    ) throws {
        let className = architecture == "llama" ? "Llama" : "Qwen2"
        let kind = isClassifier ? "ForSequenceClassification" : "ForCausalLM"
        config = [
            "architectures": #"["\#(className)\#(kind)"]"#,
            "model_type": #""\#(architecture)""#,
            "hidden_size": "32", "intermediate_size": "64", "num_hidden_layers": "1",
            "num_attention_heads": "2", "num_key_value_heads": "1",
            "max_position_embeddings": "128", "vocab_size": "\(TinyModel.tokens.count)",
            "rms_norm_eps": "1e-05", "tie_word_embeddings": "true", "hidden_act": #""silu""#,
            "rope_parameters": #"{"rope_theta":10000.0,"rope_type":"default"}"#,
            "torch_dtype": #""float32""#, "some_key_of_later_releases": "[1, {}]",
        ]
        tokenizer = try Self.tokenizerText(architecture)
        for tensor in TinyModel.builder(type, architecture: architecture).tensors {
            let name = String(decoding: tensor.name, as: UTF8.self)
            let isTurned =
                architecture == "llama" && (name.contains("attn_q") || name.contains("attn_k"))
            weights.tensors.append(
                SafetensorsBuilder.Tensor(
                    name: Self.names[name] ?? name,
                    // Vectors are F32 in every GGUF file.
                    dtype: tensor.dimensions.count == 1 ? "F32" : type.name,
                    shape: tensor.dimensions.reversed(),
                    data: isTurned ? tensor.inHalves(headWidth: 16).data : tensor.data
                )
            )
        }
        if isClassifier {
            weights.add("score.weight", [1, 32], (0..<32).map { Float($0) / 8 - 2 })
            config["id2label"] = #"{"0":"LABEL_0"}"#
        }
    }

    var configText: String {
        "{" + config.map { #""\#($0.key)":\#($0.value)"# }.sorted().joined(separator: ",") + "}"
    }

    /// Writes the folder and returns its path.
    func write(to folder: ImportFolder, as name: String = "tiny") throws -> String {
        try writeDocuments(to: folder, as: name)
        return try folder.write(weights.bytes(), as: "\(name)/model.safetensors")
            .replacingOccurrences(of: "/model.safetensors", with: "")
    }

    /// Writes the folder with the tensors dealt out to shards.
    func writeShards(_ count: Int, to folder: ImportFolder, as name: String) throws -> String {
        try writeDocuments(to: folder, as: name)
        var map: [String: String] = [:]
        for shard in 0..<count {
            let file = "model-\(shard + 1)-of-\(count).safetensors"
            var part = weights
            part.tensors = weights.tensors.enumerated().filter { $0.offset % count == shard }
                .map(\.element)
            for tensor in part.tensors { map[tensor.name] = file }
            _ = try folder.write(part.bytes(), as: "\(name)/\(file)")
        }
        let entries = map.map { #""\#($0.key)":"\#($0.value)""# }.joined(separator: ",")
        let index = #"{"metadata":{"total_size":1},"weight_map":{\#(entries)}}"#
        let path = try folder.write(
            Array(index.utf8),
            as: "\(name)/model.safetensors.index.json"
        )
        return path.replacingOccurrences(of: "/model.safetensors.index.json", with: "")
    }

    private func writeDocuments(to folder: ImportFolder, as name: String) throws {
        try FileManager.default.createDirectory(
            atPath: "\(folder.path)/\(name)",
            withIntermediateDirectories: true
        )
        _ = try folder.write(Array(configText.utf8), as: "\(name)/config.json")
        _ = try folder.write(Array(tokenizer.utf8), as: "\(name)/tokenizer.json")
        guard let tokenizerConfig else { return }
        _ = try folder.write(Array(tokenizerConfig.utf8), as: "\(name)/tokenizer_config.json")
    }

    private static func tokenizerText(_ architecture: String) throws -> String {
        let encoder = JSONEncoder()
        let plain = TinyModel.tokens.enumerated().dropFirst(TinyModel.controlTokens.count)
        let vocabulary = try encoder.encode(
            Dictionary(uniqueKeysWithValues: plain.map { ($0.element, $0.offset) })
        )
        let merges = try encoder.encode(TinyModel.merges)
        let added = TinyModel.controlTokens.enumerated().map {
            #"{"id":\#($0.offset),"content":"\#($0.element)","special":true}"#
        }
        let steps = architecture == "qwen2" ? qwen2Steps : smollmSteps
        return #"""
            {"added_tokens":[\#(added.joined(separator: ","))],\#(steps),
            "model":{"type":"BPE","vocab":\#(String(decoding: vocabulary, as: UTF8.self)),
            "merges":\#(String(decoding: merges, as: UTF8.self))}}
            """#
    }

    private static let smollmSteps = #"""
        "normalizer":null,
        "pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Digits",
        "individual_digits":true},{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}]}
        """#

    /// As the Qwen2.5 release has it.
    static let qwen2Steps =
        #""normalizer":{"type":"NFC"},"pre_tokenizer":{"type":"Sequence","pretokenizers":["#
        + #"{"type":"Split","pattern":{"Regex":"(?i:'s|'t|'re|'ve|'m|'ll|'d)"#
        + #"|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"#
        + #"|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false},"#
        + #"{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":false,"use_regex":false}]}"#
}
