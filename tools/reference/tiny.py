"""The tiny random models: a llama in one GGUF file per number format, a qwen2 in one file, and a
fixture beside each.

The llama: two blocks, width 64, 4 heads, 2 key heads, head width 16, feed-forward width 96, a
vocabulary of 288, tied embeddings. Every width is a multiple of 32, the block length of the
quantised formats, and 96 is no power of two. All files hold the same seeded weights; F32, F16,
BF16 and Q8_0 hold only the first block of them, because everything that is committed must stay
below 1 MB together.

The qwen2: three blocks, width 32, 2 heads, 1 key head, biases, feed-forward width 256, an output
matrix of its own, the pre-tokenizer of Qwen2. Its types are those that real files of Qwen2 mix: one of
Q4_K, Q5_K, Q6_K for each ffn_down, whose rows have the 256 columns that they need, Q5_1 for the
embeddings, Q8_0 for the output, Q5_0 for the rest. It has two fixtures: tiny-qwen2 of the simulation
of int8 activations on the weights that an import rounds to (`round_weights`), and tiny-qwen2-f32
of that of f32 activations on the weights of the file.

Scales: rows of variance 1/columns times a gain, so that the blocks change the residual stream as
much as a trained model's do; embeddings of 0.3; norm weights of 1 +- 0.2.

Entries of tiny-FORMAT.golden, beside those that every fixture has (fixture.py). n is the number
of a sequence, V the vocabulary, T the length of a sequence:

    format, activations      text        "Q4_0", or "mixed"; "f32", or "int8.32" if rounded
    prompts                  text [10]   strings, and what they are encoded to
    prompts.tokens           lists [10]
    sequences                lists [3]   what the logits belong to: one token, a few, and some
                                         between control tokens
    logits.n                 f32 [T, V]  of every position
    hidden.embed, hidden.layer.N, hidden.norm
                             f32 [T, width] of sequence 2 after the embedding, each block, the last
                                         norm
    greedy.prompt            u16 [n]     a prompt chosen for clear margins
    greedy.tokens            u16 [32]    its most likely continuation
    greedy.margins           f32 [32]    the best logit of each step less the second
    tolerance.logits         f32 [1]     allowed |engine - logits.n|, absolute
    tolerance.hidden         f32 [n]     the same for embed, each layer, norm
    error.exact              f32 [1]     |f32 - f64| of the reference itself, the largest
    error.steps              f32 [1]     |disturbed - plain| of the simulation, the largest
    error.attention          f32 [3]     |integer attention - transformers in f32| of the logits: the
                                         largest, the root mean square, and for comparison the
                                         root mean square of the logits
    error.rounding           f32 [3]     the same of int8 activations with integer attention
                                         (absent for "f32")
    greedy.exact.tokens      u16 [32]    the continuation without rounding (absent for "f32")

All logits, hidden states and greedy tokens are those of the simulation of integer attention, and
for "int8.32" of int8 activations too. Those of transformers check the simulation without rounding,
and are what the errors are measured against. The sequences are chosen (tolerance.py), and the
greedy continuation is sure only while a margin is larger than what one crossed rounding boundary
moves, about 0.1 for "int8.32".
"""

import os
from dataclasses import dataclass

import gguf
import numpy as np
import torch

import bpe
import tiny_qwen2
import tolerance
from decoder import (
    Reference,
    Rounded,
    check_weights,
    interleaved_rows,
    load,
    round_weights,
)
from fixture import Fixture
from tiny_file import add_tokenizer, finish

SEED = 4  # the first whose sequences keep clear of rounding boundaries (tolerance.py)
LAYERS, WIDTH, HEADS, KV_HEADS, FEED_FORWARD, VOCABULARY = 2, 64, 4, 2, 96, 288
CONTEXT = 4096
FORMATS = ["F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1"]
SINGLE_BLOCK = ["F32", "F16", "BF16", "Q8_0"]
ROUNDED = ["Q8_0", "Q4_0", "Q4_1"]
SURE_MARGIN = 0.1
TOKENS, CANDIDATES, GREEDY_CANDIDATES, GREEDY_VARIETY = 200, 1000, 12, 10

PROMPTS = [
    "The judge reads the answer.",
    "scores: 10, 9, 3",
    " leading and trailing ",
    "line\n\nline\r\n\ttab",
    "caf\u00e9 na\u00efve \u00fcber",
    "\u4f60\u597d, \u4e16\u754c",
    "\U0001f469\u200d\U0001f52c ok",
    "<|im_end|><|im_start|>assistant",
    "x = [1, 22, 333]; // 4444",
    "\u0000\u0001 it's we're I'll",
]


def weights():
    """The seeded weights in f32 under their GGUF names, q and k in llama.cpp's row order."""
    random = np.random.default_rng(SEED)

    def matrix(rows, columns, gain):
        return random.normal(0, gain / np.sqrt(columns), (rows, columns)).astype(np.float32)

    def norm():
        return (1 + random.uniform(-0.2, 0.2, WIDTH)).astype(np.float32)

    key_width = WIDTH // HEADS * KV_HEADS
    found = {"token_embd": random.normal(0, 0.3, (VOCABULARY, WIDTH)).astype(np.float32)}
    for index in range(LAYERS):
        block = f"blk.{index}."
        found[block + "attn_norm"] = norm()
        found[block + "attn_q"] = interleaved_rows(matrix(WIDTH, WIDTH, 1.5), HEADS)
        found[block + "attn_k"] = interleaved_rows(matrix(key_width, WIDTH, 1.5), KV_HEADS)
        found[block + "attn_v"] = matrix(key_width, WIDTH, 1)
        found[block + "attn_output"] = matrix(WIDTH, WIDTH, 1)
        found[block + "ffn_norm"] = norm()
        found[block + "ffn_gate"] = matrix(FEED_FORWARD, WIDTH, 1.5)
        found[block + "ffn_up"] = matrix(FEED_FORWARD, WIDTH, 1.5)
        found[block + "ffn_down"] = matrix(WIDTH, FEED_FORWARD, 1.5)
    found["output_norm"] = norm()
    return {name + ".weight": value for name, value in found.items()}


def block_count(kind):
    """How many of the blocks the file of a format holds."""
    return 1 if kind in SINGLE_BLOCK else LAYERS


def write_model(path, kind, tokens, merges):
    """Writes the weights as a GGUF file; vectors stay F32, as every converter keeps them."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(f"Tiny random llama {kind}")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(block_count(kind))
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_rope_freq_base(10_000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(VOCABULARY)
    add_tokenizer(writer, tokens, merges, "smollm")
    quantised = gguf.GGMLQuantizationType[kind]
    for name, values in weights().items():
        if name.startswith("blk.") and int(name.split(".")[1]) >= block_count(kind):
            continue
        if values.ndim == 1:
            writer.add_tensor(name, values)
        else:
            writer.add_tensor(
                name, gguf.quants.quantize(values, quantised), raw_dtype=quantised
            )
    finish(writer)


def make(folder):
    """Writes every tiny model and fixture into `folder`."""
    tokens, merges = bpe.train(VOCABULARY)
    tokenizer = bpe.assemble(tokens, merges)
    for kind in FORMATS:
        path = os.path.join(folder, f"tiny-{kind.lower()}.gguf")
        write_model(path, kind, tokens, merges)
        model = load(path)
        check_weights(path, model)
        case = Case(path, path.removesuffix(".gguf"), kind, kind in ROUNDED)
        write_fixture(case, model, tokenizer)
    make_qwen2(folder)


def make_qwen2(folder):
    """Writes the tiny qwen2 and its two fixtures."""
    tokens, merges = bpe.train(VOCABULARY, "qwen2")
    tokenizer = bpe.assemble(tokens, merges, "qwen2")
    path = os.path.join(folder, "tiny-qwen2.gguf")
    tiny_qwen2.write_model(path, tokens, merges)
    model = load(path)
    check_weights(path, model)
    name = os.path.join(folder, "tiny-qwen2")
    write_fixture(Case(path, f"{name}-f32", "mixed", False), model, tokenizer)
    errors = round_weights(path, model)
    print(f"  weights rounded: {errors}", flush=True)
    write_fixture(Case(path, name, "mixed", True), model, tokenizer)


def candidates(tokenizer):
    """For each of the three sequences many to choose from.

    They differ from an early token on: a common beginning would have its numbers near boundaries in
    all of them.
    """
    numbers = range(CANDIDATES)
    return [
        [[bpe.END_OF_TEXT + 3 + number] for number in range(TOKENS)],
        [tokenizer.encode(f"{number} is the").ids for number in numbers],
        [
            [bpe.IM_START, *tokenizer.encode(f"{number} is").ids, bpe.IM_END]
            for number in numbers
        ],
    ]


@dataclass
class Case:
    """A fixture to write: the model's file, the fixture's path less its end, and what is in it."""

    path: str
    target: str
    kind: str
    rounds: bool


def write_fixture(case, model, tokenizer):
    """Runs the references on a model and writes the fixture."""
    torch.manual_seed(SEED)
    rounds = case.rounds
    ids = [tolerance.steadiest_of(model, some, rounds) for some in candidates(tokenizer)]
    exact = tolerance.exact(model, ids)
    chosen = tolerance.rounding(model, ids, rounds, exact)
    cost = tolerance.distance(tolerance.simulated(model, ids, False)[0], exact.runs)

    fixture = Fixture(case.path, SEED, "tools/reference/tolerance.py")
    fixture.text("format", [case.kind])
    fixture.text("activations", ["int8.32" if rounds else "f32"])
    fixture.text("prompts", PROMPTS)
    fixture.lists("prompts.tokens", [tokenizer.encode(prompt).ids for prompt in PROMPTS])
    fixture.lists("sequences", ids)
    for index, (_, logits) in enumerate(chosen.runs):
        fixture.array(f"logits.{index}", logits)
    for name, values in chosen.runs[2][0].items():
        fixture.array(f"hidden.{name}", values)
    fixture.array("tolerance.logits", [chosen.logits])
    fixture.array("tolerance.hidden", list(chosen.hidden.values()))
    fixture.array("error.exact", [exact.error])
    fixture.array("error.steps", [chosen.error])
    fixture.array("error.attention", cost)
    if rounds:
        fixture.array("error.rounding", tolerance.distance(chosen.runs, exact.runs))
    greedy(fixture, model, tokenizer, rounds)
    fixture.write(f"{case.target}.golden")
    print(
        f"  {case.kind}: tolerance {chosen.logits:.3g}, f32 error {exact.error:.3g}, "
        f"steps {chosen.error:.3g}; integer attention costs {cost[0]:.3g} (largest), "
        f"{cost[1]:.3g} (root mean square) of logits of {cost[2]:.3g}",
        flush=True,
    )


def greedy(fixture, model, tokenizer, rounds):
    """Adds the continuation of the prompt with the clearest choices among varied ones."""
    reference, best = Rounded(model), None
    reference.rounds = rounds
    for word in bpe.TRAINING_TEXT.split()[:GREEDY_CANDIDATES]:
        prompt = tokenizer.encode(word).ids
        tokens, margins = reference.greedy(prompt, 32)
        sure = next((n for n, margin in enumerate(margins) if margin <= SURE_MARGIN), len(margins))
        clarity = (sure, min(margins)) if len(set(tokens)) >= GREEDY_VARIETY else (0, 0)
        if best is None or clarity > best[0]:
            best = (clarity, prompt, tokens, margins)
    (sure, clarity), prompt, tokens, margins = best
    exact_tokens, _ = Reference(model).greedy(prompt, 32)
    if rounds:
        fixture.array("greedy.exact.tokens", exact_tokens, "<u2")
    elif tokens != exact_tokens:
        raise ValueError(f"expected equal continuations, found {tokens} and {exact_tokens}")
    fixture.array("greedy.prompt", prompt, "<u2")
    fixture.array("greedy.tokens", tokens, "<u2")
    fixture.array("greedy.margins", margins)
    print(f"  greedy: {len(set(tokens))} kinds, {sure} sure, smallest margin {clarity:.3g}", flush=True)
