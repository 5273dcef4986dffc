"""Writes the tiny random qwen2 as a GGUF file; tiny.py says what it is made of.

The package gguf does not quantise to K types, so that their blocks are made here, of random quants,
scales and minimums that give numbers of mean 0 and the spread asked for. What they mean is never
taken from here: every reading is done by gguf.quants.
"""

import gguf
import numpy as np

from tiny_file import add_tokenizer, finish

SEED = 11
LAYERS, WIDTH, HEADS, KV_HEADS, FEED_FORWARD = 3, 32, 2, 1, 256
DOWN_TYPES = ["Q4_K", "Q5_K", "Q6_K"]
CONTEXT = 4096
GROUP_SCALES = (20, 64)


def halves(random, *means):
    """Bytes of binary16 numbers, each scattered by a tenth about its mean."""
    values = [mean * random.uniform(0.9, 1.1) for mean in means]
    return np.array(values, "<f2").view(np.uint8)


def packed_scales(scales, minimums):
    """The twelve bytes of eight six-bit scales and minimums."""
    low, high = scales[:4] | scales[4:] >> 4 << 6, minimums[:4] | minimums[4:] >> 4 << 6
    return np.concatenate([low, high, (scales[4:] & 15) | (minimums[4:] & 15) << 4])


def block(random, kind, spread):
    """One block of 256 numbers with about the standard deviation `spread`."""
    middle = sum(GROUP_SCALES) / 2
    scales = random.integers(*GROUP_SCALES, 8).astype(np.uint8)
    minimums = np.clip(scales + random.integers(-3, 4, 8), 0, 63).astype(np.uint8)
    if kind == "Q6_K":
        signed = random.integers(*GROUP_SCALES, 16) * random.choice([-1, 1], 16)
        d = spread / middle / (64 / 12**0.5)
        quants = random.integers(0, 256, 192).astype(np.uint8)
        return np.concatenate([quants, signed.astype(np.int8).view(np.uint8), halves(random, d)])
    count = 16 if kind == "Q4_K" else 32
    d = spread / middle / (count / 12**0.5)
    head = [halves(random, d, d * (count - 1) / 2), packed_scales(scales, minimums)]
    quants = random.integers(0, 256, 128 if kind == "Q4_K" else 160).astype(np.uint8)
    return np.concatenate([*head, quants])


def k_matrix(random, kind, rows, columns, gain):
    """The bytes of a matrix of a K type: [rows, bytes of a row]."""
    spread = gain / np.sqrt(columns)
    blocks = [block(random, kind, spread) for _ in range(rows * columns // 256)]
    return np.concatenate(blocks).reshape(rows, -1)


def write_model(path, tokens, merges):
    """Writes the file."""
    writer = gguf.GGUFWriter(path, "qwen2")
    writer.add_name("Tiny random qwen2")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_rope_freq_base(1_000_000.0)
    writer.add_layer_norm_rms_eps(1e-6)
    add_tokenizer(writer, tokens, merges, "qwen2")
    add_weights(writer, len(tokens))
    finish(writer)


def add_weights(writer, vocabulary):
    """Adds the seeded weights; vectors are F32, as every converter keeps them."""
    random = np.random.default_rng(SEED)

    def add(name, kind, rows, columns, deviation):
        kind = gguf.GGMLQuantizationType[kind]
        values = random.normal(0, deviation, (rows, columns)).astype(np.float32)
        writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)

    def vector(name, count, mean, width):
        values = mean + random.uniform(-width, width, count)
        writer.add_tensor(name, values.astype(np.float32))

    add("token_embd.weight", "Q5_1", vocabulary, WIDTH, 0.3)
    add("output.weight", "Q8_0", vocabulary, WIDTH, 2 / WIDTH**0.5)
    key_width = WIDTH // HEADS * KV_HEADS
    for index, down in enumerate(DOWN_TYPES):
        prefix = f"blk.{index}."
        vector(prefix + "attn_norm.weight", WIDTH, 1, 0.2)
        for name, rows, gain in [("q", WIDTH, 1.5), ("k", key_width, 1.5), ("v", key_width, 1)]:
            add(f"{prefix}attn_{name}.weight", "Q5_0", rows, WIDTH, gain / WIDTH**0.5)
            vector(f"{prefix}attn_{name}.bias", rows, 0, 0.5)
        add(prefix + "attn_output.weight", "Q5_0", WIDTH, WIDTH, 1 / WIDTH**0.5)
        vector(prefix + "ffn_norm.weight", WIDTH, 1, 0.2)
        add(prefix + "ffn_gate.weight", "Q5_0", FEED_FORWARD, WIDTH, 1.5 / WIDTH**0.5)
        add(prefix + "ffn_up.weight", "Q5_0", FEED_FORWARD, WIDTH, 1.5 / WIDTH**0.5)
        kind = gguf.GGMLQuantizationType[down]
        data = k_matrix(random, down, WIDTH, FEED_FORWARD, 1.5)
        writer.add_tensor(prefix + "ffn_down.weight", data, raw_dtype=kind)
    vector("output_norm.weight", WIDTH, 1, 0.2)
