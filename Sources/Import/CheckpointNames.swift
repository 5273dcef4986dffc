import Inference

/// What the tensors of the store are called in a model of Hugging Face.
enum CheckpointNames {
    private static let ends = [
        "token_embd.weight": "model.embed_tokens.weight",
        "output_norm.weight": "model.norm.weight",
        "output.weight": "lm_head.weight",
    ]

    private static let modules = [
        "attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
        "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
        "ffn_norm": "post_attention_layernorm", "ffn_gate": "mlp.gate_proj",
        "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
    ]

    /// The matrices of a block that an adapter can change, by the last part of their name there.
    static let adaptable = [
        "q_proj": "attn_q", "k_proj": "attn_k", "v_proj": "attn_v", "o_proj": "attn_output",
        "gate_proj": "ffn_gate", "up_proj": "ffn_up", "down_proj": "ffn_down",
    ]

    /// The name of a tensor of the store, such as "model.layers.0.mlp.up_proj.weight".
    ///
    /// - Precondition: a name of `Architecture.tensorShapes` or of a head, which keep theirs.
    static func name(of stored: String) -> String {
        if let name = ends[stored] { return name }
        let parts = stored.split(separator: ".")
        guard parts.count == 4, parts[0] == "blk" else { return stored }
        guard let module = modules[String(parts[2])] else {
            preconditionFailure("\(stored) is no tensor of a decoder")
        }
        return "model.layers.\(parts[1]).\(module).\(parts[3])"
    }

    /// Whether a tensor is one that nothing is computed from, which older programs saved.
    static func isInert(_ name: String) -> Bool {
        name.hasSuffix(".self_attn.rotary_emb.inv_freq")
    }
}
