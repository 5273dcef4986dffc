extension Architecture {
    /// Qwen2, Qwen2.5 and their kin for code: llama with biases on queries, keys and values.
    ///
    /// Source: arXiv 2407.10671, section 2.2.
    static let qwen2 = Architecture(
        name: "qwen2",
        hasProjectionBiases: true,
        rotaryRows: .halves
    )
}
