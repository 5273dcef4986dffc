import Kernels

/// A decoder of one layer with a vocabulary of bytes: sound, and about 20 KB.
///
/// It is 32 wide, with an inner width of 64; both are 256 for types whose blocks are as long.
enum TinyModel {
    static let controlTokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    static let tokens = controlTokens + byteTokens + ["he", "ll", "hell"]
    static let merges = ["h e", "l l", "he ll"]

    /// A file whose matrices have one type; vectors are F32.
    static func builder(
        _ type: SourceType = .f32,
        architecture: String = "llama"
    ) -> GGUFBuilder {
        var builder = GGUFBuilder()
        let width = UInt64(max(32, type.blockCount))
        let feedForwardWidth = UInt64(max(64, type.blockCount))
        setMetadata(of: &builder, architecture, width, feedForwardWidth)
        let layer: [(String, UInt64, UInt64)] = [
            ("attn_q", width, width), ("attn_k", width, width / 2), ("attn_v", width, width / 2),
            ("attn_output", width, width), ("ffn_gate", width, feedForwardWidth),
            ("ffn_up", width, feedForwardWidth), ("ffn_down", feedForwardWidth, width),
        ]
        var random = SeededNumbers(seed: 7)
        builder.addMatrix("token_embd", width, UInt64(tokens.count), type, &random)
        for name in ["blk.0.attn_norm", "blk.0.ffn_norm", "output_norm"] {
            builder.addVector("\(name).weight", width, &random)
        }
        if architecture == "qwen2" {
            for (name, count) in [("q", width), ("k", width / 2), ("v", width / 2)] {
                builder.addVector("blk.0.attn_\(name).bias", count, &random)
            }
        }
        for (name, columns, rows) in layer {
            builder.addMatrix("blk.0.\(name)", columns, rows, type, &random)
        }
        return builder
    }

    private static func setMetadata(
        of builder: inout GGUFBuilder,
        _ name: String,
        _ width: UInt64,
        _ feedForwardWidth: UInt64
    ) {
        builder.set("general.architecture", MetadataBytes.text(name))
        builder.set("general.name", MetadataBytes.text("Tiny Model"))
        builder.set("general.license", MetadataBytes.text("apache-2.0"))
        let numbers: [(String, UInt64)] = [
            ("block_count", 1), ("context_length", 128), ("embedding_length", width),
            ("feed_forward_length", feedForwardWidth), ("attention.head_count", 2),
            ("attention.head_count_kv", 1), ("rope.dimension_count", width / 2),
            ("vocab_size", UInt64(tokens.count)),
        ]
        for (key, value) in numbers {
            builder.set("\(name).\(key)", MetadataBytes.uint32(UInt32(value)))
        }
        builder.set("\(name).attention.layer_norm_rms_epsilon", MetadataBytes.float(1e-5))
        builder.set("\(name).rope.freq_base", MetadataBytes.float(10_000))
        builder.set("tokenizer.ggml.model", MetadataBytes.text("gpt2"))
        let preTokenizer = name == "qwen2" ? "qwen2" : "smollm"
        builder.set("tokenizer.ggml.pre", MetadataBytes.text(preTokenizer))
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

    fileprivate mutating func addVector(
        _ name: String,
        _ count: UInt64,
        _ random: inout SeededNumbers
    ) {
        let data = (0..<count).flatMap { _ in littleEndian(random.nextFloat().bitPattern) }
        add(name, [count], type: SourceType.f32.rawValue, data: data)
    }
}

/// One block of numbers between -1 and 1, with a sound scale and minimum.
private func block(of type: SourceType, _ random: inout SeededNumbers) -> [UInt8] {
    let scale: [UInt8] = [0x55, 0x21]  // 0x1.55p-7 as binary16
    switch type {
    case .f32: return littleEndian(random.nextFloat().bitPattern)
    case .f16: return littleEndian(UInt16(0x3000 + random.next() % 0x0800))
    case .bf16: return littleEndian(UInt16(truncatingIfNeeded: random.nextFloat().bitPattern >> 16))
    case .q8_0: return scale + (0..<32).map { _ in UInt8(random.next() % 128) }
    case .q4_0, .q5_0: return scale + bytes(type.blockBytes - 2, &random)
    case .q4_1, .q5_1, .q4_K, .q5_K: return scale + scale + bytes(type.blockBytes - 4, &random)
    case .q6_K: return bytes(type.blockBytes - 2, &random) + scale
    }
}

private func bytes(_ count: Int, _ random: inout SeededNumbers) -> [UInt8] {
    (0..<count).map { _ in UInt8(random.next() % 256) }
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
