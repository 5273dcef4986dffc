extension Architecture {
    /// LLaMA and what was made like it, such as SmolLM2.
    ///
    /// Source: arXiv 2302.13971, section 2.2. Its GGUF files have the rows of queries and keys in the
    /// order of the first implementation, which turned neighbours.
    static let llama = Architecture(
        name: "llama",
        hasProjectionBiases: false,
        rotaryRows: .neighbours
    )
}
