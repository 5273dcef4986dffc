import Store

/// The tensors that a llama decoder has, by name, each with its rows and columns.
///
/// A vector has one number. Names are those of llama.cpp.
/// Source: LLaMA, arXiv 2302.13971, and the tensor names of the GGUF description.
func llamaTensorShapes(_ parameters: Hyperparameters) -> [String: [UInt32]] {
    let width = parameters.width
    let queryWidth = parameters.headCount * parameters.headWidth
    let keyWidth = parameters.kvHeadCount * parameters.headWidth
    var shapes: [String: [UInt32]] = [
        "token_embd.weight": [parameters.vocabularyCount, width],
        "output_norm.weight": [width],
    ]
    if !parameters.tiedEmbeddings {
        shapes["output.weight"] = [parameters.vocabularyCount, width]
    }
    for layer in 0..<parameters.layerCount {
        let prefix = "blk.\(layer)."
        shapes[prefix + "attn_norm.weight"] = [width]
        shapes[prefix + "attn_q.weight"] = [queryWidth, width]
        shapes[prefix + "attn_k.weight"] = [keyWidth, width]
        shapes[prefix + "attn_v.weight"] = [keyWidth, width]
        shapes[prefix + "attn_output.weight"] = [width, queryWidth]
        shapes[prefix + "ffn_norm.weight"] = [width]
        shapes[prefix + "ffn_gate.weight"] = [parameters.feedForwardWidth, width]
        shapes[prefix + "ffn_up.weight"] = [parameters.feedForwardWidth, width]
        shapes[prefix + "ffn_down.weight"] = [width, parameters.feedForwardWidth]
    }
    return shapes
}
