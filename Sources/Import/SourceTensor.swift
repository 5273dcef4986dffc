import Kernels

/// One tensor of a file, under the name that the store has for it.
struct SourceTensor: Hashable, Sendable {
    /// The name in the store, such as "blk.0.attn_q.weight".
    let name: String
    /// Rows, then columns; one number for a vector.
    let shape: [Int]
    /// How the elements are stored.
    let type: SourceType
    /// Which of the files of the import has it.
    let file: Int
    /// Where the data begins, from the first byte of the file.
    ///
    /// Unit: bytes.
    let offset: UInt64
    /// The length of the data.
    ///
    /// Unit: bytes.
    let byteCount: UInt64
}

extension SourceTensor {
    /// A tensor of a GGUF file, whose names are those of the store.
    init(_ tensor: GGUFTensor) {
        name = tensor.name
        // GGUF has the contiguous dimension first; grmd has rows first.
        shape = tensor.dimensions.reversed()
        type = tensor.type
        file = 0
        offset = tensor.offset
        byteCount = tensor.byteCount
    }
}
