import Kernels

/// How much a model file may ask for; every one is checked before anything is allocated.
enum ImportLimits {
    /// A sparse file can claim any length; the largest model a host of this daemon runs is far below.
    static let fileBytes: UInt64 = 1 << 36
    /// Real files have 20 to 60 keys.
    static let metadataCount: UInt64 = 1 << 16
    /// Nine tensors a layer at 512 layers are 4,608.
    static let tensorCount: UInt64 = 1 << 16
    /// The length that the GGUF description gives for a key.
    static let keyBytes: UInt64 = 65_535
    /// The longest chat templates known have about 20,000 bytes.
    static let stringBytes: UInt64 = 1 << 20
    /// The largest vocabularies have about 260,000 tokens and twice as many merges.
    static let arrayCount: UInt64 = 1 << 21
    /// Keys, values and the tensor table together; a vocabulary of 260,000 tokens takes about 20 MB.
    static let headerBytes: UInt64 = 1 << 26
    /// The length that the GGUF description gives for the name of a tensor.
    static let tensorNameBytes: UInt64 = 64
    /// GGUF has at most four dimensions.
    static let dimensionCount: UInt32 = 4
    /// A tensor is one value of the store, and a value has less than 4 GiB.
    static let tensorBytes: UInt64 = 0xffff_0000
    /// The largest alignment that a file may ask for; 32 is usual.
    static let alignmentBytes: UInt64 = 1 << 20
    /// The longest name of a tensor in safetensors; those of adapters have about 70 bytes.
    static let longNameBytes = 512
    /// Values of JSON in the header of a safetensors file: eight for each tensor, and some metadata.
    static let headerValueCount = 1 << 20
    /// A config.json has one to three thousand bytes.
    static let configBytes = 1 << 20
    /// Values of JSON in a configuration, the names of labels among them.
    static let configValueCount = 1 << 16
    /// The index of a model in shards: about 100 bytes for each tensor.
    static let indexBytes = 16 << 20
    /// Values of JSON in an index.
    static let indexValueCount = 1 << 18
    /// Shards of a model; the largest published ones have about 200.
    static let shardCount = 1_024
    /// All of an adapter is held in memory while it is merged.
    static let adapterBytes: UInt64 = 1 << 31
    /// The rank of an adapter; 256 is a large one.
    static let adapterRank: UInt64 = 8_192
    /// A prompt template, as text.
    static let promptTemplateBytes = 64 << 10

    /// Layers of a decoder.
    static let layerCount: UInt64 = 512
    /// Numbers in one hidden state; the kernels take no wider row.
    static let width = UInt64(NumberFormat.columnsMax)
    /// Attention heads of one layer.
    static let headCount: UInt64 = 1_024
    /// Numbers in one head.
    static let headWidth: UInt64 = 1_024
    /// Numbers in the inner state of a feed-forward block; the kernels take no wider row.
    static let feedForwardWidth = UInt64(NumberFormat.columnsMax)
    /// Tokens of a vocabulary.
    static let vocabularyCount: UInt64 = 1 << 20
    /// Tokens of a context.
    static let contextTokens: UInt64 = 1 << 24
    /// Bytes of the name of a version.
    static let versionNameBytes = 128
}
