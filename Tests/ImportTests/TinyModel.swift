import Kernels

/// A llama decoder of one layer with a vocabulary of bytes: sound, and about 20 KB.
enum TinyModel {
    static let width: UInt64 = 32
    static let feedForwardWidth: UInt64 = 64
    static let controlTokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    static let tokens = controlTokens + byteTokens + ["he", "ll", "hell"]
    static let merges = ["h e", "l l", "he ll"]

    /// A file whose matrices have one type; vectors are F32.
    static func builder(_ type: SourceType = .f32) -> GGUFBuilder {
        var builder = GGUFBuilder()
        setMetadata(of: &builder)
        let layer: [(String, UInt64, UInt64)] = [
            ("attn_q", width, width), ("attn_k", width, 16), ("attn_v", width, 16),
            ("attn_output", width, width), ("ffn_gate", width, feedForwardWidth),
            ("ffn_up", width, feedForwardWidth), ("ffn_down", feedForwardWidth, width),
        ]
        var random = SeededNumbers(seed: 7)
        builder.addMatrix("token_embd", width, UInt64(tokens.count), type, &random)
        for name in ["blk.0.attn_norm", "blk.0.ffn_norm", "output_norm"] {
            builder.add(
                "\(name).weight",
                [width],
                type: 0,
                data: (0..<width).flatMap { _ in littleEndian(random.nextFloat().bitPattern) }
            )
        }
        for (name, columns, rows) in layer {
            builder.addMatrix("blk.0.\(name)", columns, rows, type, &random)
        }
        return builder
    }

    private static func setMetadata(of builder: inout GGUFBuilder) {
        builder.set("general.architecture", MetadataBytes.text("llama"))
        builder.set("general.name", MetadataBytes.text("Tiny Model"))
        builder.set("general.license", MetadataBytes.text("apache-2.0"))
        builder.set("llama.block_count", MetadataBytes.uint32(1))
        builder.set("llama.context_length", MetadataBytes.uint32(128))
        builder.set("llama.embedding_length", MetadataBytes.uint32(UInt32(width)))
        builder.set("llama.feed_forward_length", MetadataBytes.uint32(UInt32(feedForwardWidth)))
        builder.set("llama.attention.head_count", MetadataBytes.uint32(2))
        builder.set("llama.attention.head_count_kv", MetadataBytes.uint32(1))
        builder.set("llama.attention.layer_norm_rms_epsilon", MetadataBytes.float(1e-5))
        builder.set("llama.rope.freq_base", MetadataBytes.float(10_000))
        builder.set("llama.rope.dimension_count", MetadataBytes.uint32(16))
        builder.set("llama.vocab_size", MetadataBytes.uint32(UInt32(tokens.count)))
        builder.set("tokenizer.ggml.model", MetadataBytes.text("gpt2"))
        builder.set("tokenizer.ggml.pre", MetadataBytes.text("smollm"))
        builder.set("tokenizer.ggml.tokens", MetadataBytes.texts(tokens))
        builder.set(
            "tokenizer.ggml.token_type",
            MetadataBytes.int32s(tokens.indices.map { $0 < controlTokens.count ? 3 : 1 })
        )
        builder.set("tokenizer.ggml.merges", MetadataBytes.texts(merges))
        builder.set("tokenizer.ggml.bos_token_id", MetadataBytes.uint32(1))
        builder.set("tokenizer.ggml.eos_token_id", MetadataBytes.uint32(2))
        builder.set("tokenizer.ggml.padding_token_id", MetadataBytes.uint32(2))
        builder.set("tokenizer.ggml.add_bos_token", MetadataBytes.bool(0))
        builder.set(
            "tokenizer.chat_template",
            MetadataBytes.text(
                "{% for m in messages %}<|im_start|>{{ m.role }}\n<|im_end|>{% endfor %}"
            )
        )
    }

    /// The 256 letters that byte-level BPE writes bytes with.
    private static var byteTokens: [String] {
        let printable = Array(33...126) + Array(161...172) + Array(174...255)
        var next = 256
        return (0..<256).compactMap { byte in
            defer { if !printable.contains(byte) { next += 1 } }
            return Unicode.Scalar(printable.contains(byte) ? byte : next).map { String($0) }
        }
    }
}

extension GGUFBuilder {
    fileprivate mutating func addMatrix(
        _ name: String,
        _ columns: UInt64,
        _ rows: UInt64,
        _ type: SourceType,
        _ random: inout SeededNumbers
    ) {
        var data: [UInt8] = []
        for _ in 0..<Int(columns * rows) / type.blockCount { data += block(of: type, &random) }
        add("\(name).weight", [columns, rows], type: type.rawValue, data: data)
    }
}

/// One block of numbers between -1 and 1, with a sound scale and minimum.
private func block(of type: SourceType, _ random: inout SeededNumbers) -> [UInt8] {
    let scale: [UInt8] = [0x00, 0x20]  // 2^-7 as binary16
    switch type {
    case .f32: return littleEndian(random.nextFloat().bitPattern)
    case .f16: return littleEndian(UInt16(0x3000 + random.next() % 0x0800))
    case .bf16: return littleEndian(UInt16(truncatingIfNeeded: random.nextFloat().bitPattern >> 16))
    case .q8_0: return scale + (0..<32).map { _ in UInt8(random.next() % 128) }
    case .q4_0: return scale + (0..<16).map { _ in UInt8(random.next() % 256) }
    case .q4_1: return scale + scale + (0..<16).map { _ in UInt8(random.next() % 256) }
    }
}

/// Numbers that are the same in every run.
///
/// Source: SplitMix64, Steele, Lea and Flood, "Fast splittable pseudorandom number generators".
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number from -1 to 1.
    mutating func nextFloat() -> Float { Float(Int64(next() % 2_001) - 1_000) / 1_000 }
}
