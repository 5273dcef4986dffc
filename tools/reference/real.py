"""The fixture of the real model, SmolLM2-135M-Instruct in Q4_1 (its embedding is Q8_0).

The model is not committed; the Swift tests that need it run where it is. All logits "f32" are
transformers' on the dequantised weights; "int8" are the simulation of decoder.py, in f32.
Entries of smollm2-q4_1.golden, beside those that every fixture has (fixture.py):

    strings                  text [N]       N > 200, and what they are encoded to
    strings.tokens           lists [N]
    prompts.tokens           lists [20]     the first 12 plain text, the last 8 ChatML
    logits.ids               u16 [20, 256]  ids whose logits are kept: the 32 best, best first,
                                            then others at random
    logits.f32, logits.int8  f32 [20, 256]  at the last position of each prompt
    logsumexp.f32, .int8     f64 [20]       over the whole vocabulary
    argmax.f32, .int8        u16 [20]       over the whole vocabulary
    error.exact              f32 [20]       |f32 - f64| of the reference, the largest of the 256;
                                            measured for the prompts of at most 40 tokens, and
                                            elsewhere the largest of those
    tolerance.f32            f32 [20]       allowed |engine in f32 - logits.f32|, each of the 256
    tolerance.int8.rms       f32 [20]       allowed root mean square, over the 256, of
                                            (engine with int8 activations - logits.int8)
    tolerance.int8.pooled    f32 [1]        the same over all prompts together
    error.rounding.rms       f32 [20]       root mean square of logits.int8 - logits.f32
    hidden.f32.layer.N       f32 [576]      after block N (0, 1 and 29) at the last position of
                                            prompt 0
    tolerance.hidden.f32     f32 [3]        allowed largest difference of each
    block.tokens             u16 [2]        a sequence for a sharp comparison of the first block
    block.f32, block.int8    f32 [2, 576]   hidden states after block 0
    tolerance.block          f32 [2]        allowed largest difference of each
    greedy.prompts.tokens    lists [8]      plain text
    greedy.tokens            u16 [8, 64]    the most likely continuation in f32; the end token has
                                            no special part
    greedy.margins           f32 [8, 64]    the best logit of each step less the second
    perplexity.text          text [1]
    perplexity.tokens        u16 [n]
    perplexity.f32, .int8    f64 [1]        mean over tokens 2...n of -log p(token | those before),
                                            in nats, from f32 logits, summed in f64; exp() of it
                                            is the perplexity

Bytes that the vocabulary does not have (0x04, 0x06, 0x13, 0x14, 0x16, 0x1d, 0xf1, 0xf2 and those
that UTF-8 never uses) have no token: the reference drops them, before merging, as llama.cpp does.

Tolerances. f32: 8 times the measured error, as tolerance.py explains. int8: f32 errors alone
move some dozen activations per token over a rounding boundary, and 30 blocks spread each such
step until two correct simulations differ about as much as each does from f32. Engine and
simulation are two draws of one process, so what can be compared is their distance with the
distance of such draws: two more simulations whose matrix inputs are multiplied by 1 + u,
|u| <= 2^-22, give the root mean square distance over the 256 logits of each prompt. One prompt's
distance scatters by a factor of about 2 (its errors are correlated): allowed is 3 times the larger
of the two, or of the median prompt's if that is more. Over all prompts together it scatters by a
tenth: allowed is 1.5 times the larger. What compares the int8 path sharply is the first block
of a sequence that keeps clear of rounding boundaries there (tolerance.py), and the tiny models.
"""

import os

import numpy as np
import torch

import bpe
import texts
import tolerance
from decoder import Reference, Rounded, check_weights, load
from fixture import Fixture, sha256

MODEL_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
SEED = 20_250_117
KEPT, BEST = 256, 32
GREEDY_TOKENS, LEAST_MARGIN = 64, 5e-3
EXACT_TOKENS = 40
HIDDEN_BLOCKS = [0, 1, 29]
BLOCK_CANDIDATES = 250
SYSTEM = "You are a careful judge."


def make(path, folder):
    """Writes the fixture of the model at `path` into `folder`."""
    if (found := sha256(path)) != MODEL_SHA256:
        raise ValueError(f"{path}: expected SHA-256 {MODEL_SHA256}, found {found}")
    tokenizer = bpe.from_gguf(path)
    fixture = Fixture(path, SEED, __doc__[__doc__.index("Tolerances.") :])
    add_strings(fixture, tokenizer)
    say("loading the model")
    model = load(path)
    check_weights(path, model)
    add_logits(fixture, model, prompts(tokenizer))
    add_greedy(fixture, model, tokenizer)
    add_perplexity(fixture, model, tokenizer)
    fixture.write(os.path.join(folder, "smollm2-q4_1.golden"))


def say(text):
    """Shows how far it is."""
    print(text, flush=True)


def add_strings(fixture, tokenizer):
    """Adds the strings and their tokens."""
    fixture.text("strings", texts.STRINGS)
    encoded = [tokenizer.encode(string).ids for string in texts.STRINGS]
    if any(min(ids, default=99) <= 16 for ids in encoded):
        raise ValueError("expected no control token in an encoded text, found one")
    fixture.lists("strings.tokens", encoded)


def prompts(tokenizer):
    """Token ids of the 20 prompts."""
    plain = [tokenizer.encode(text).ids for text in texts.RAW_PROMPTS]
    chats = [
        bpe.chat(tokenizer, [("system", SYSTEM), ("user", question), ("assistant", None)])
        for question in texts.QUESTIONS
    ]
    return plain + chats


def rms(difference):
    """Root mean square along the last axis."""
    return np.sqrt((difference.astype(np.float64) ** 2).mean(-1))


def summary(rows):
    """Logsumexp in f64 and argmax of each row."""
    rows = torch.tensor(np.stack(rows), dtype=torch.float64)
    return rows.logsumexp(-1).numpy(), rows.argmax(-1).numpy()


def kept_ids(logits):
    """The ids to keep of one row: the best, then others at random."""
    best = np.argsort(-logits, kind="stable")[:BEST]
    others = np.setdiff1d(np.arange(len(logits)), best)
    random = np.random.default_rng(SEED)
    return np.concatenate([best, np.sort(random.choice(others, KEPT - BEST, replace=False))])


def last_logits(decoder, sequences, label):
    """The last logits of each sequence by a `Rounded` decoder."""
    say(label)
    return [decoder.run(ids, last_only=True)[1][-1] for ids in sequences]


def add_logits(fixture, model, sequences):
    """Adds the logits of all prompts with their tolerances."""
    add_hidden(fixture, model, sequences[0])
    add_block(fixture, model)
    say(f"{len(sequences)} prompts of {[len(ids) for ids in sequences]} tokens, f32")
    reference = Reference(model)
    f32 = [reference.last_logits(ids) for ids in sequences]
    ids = np.stack([kept_ids(row) for row in f32])

    def keep(rows):
        return np.stack([row[chosen] for row, chosen in zip(rows, ids)])

    error = exact_errors(model, sequences, f32, ids)
    simulation = Rounded(model)
    int8 = last_logits(simulation, sequences, "simulation of int8 activations")
    draws = int8_draws(simulation, sequences, keep, keep(int8))
    spread, pooled = rms(draws).max(0), rms(draws.reshape(len(draws), -1)).max()
    fixture.lists("prompts.tokens", sequences)
    fixture.array("logits.ids", ids, "<u2")
    for name, rows in [("f32", f32), ("int8", int8)]:
        logsumexp, argmax = summary(rows)
        fixture.array(f"logits.{name}", keep(rows))
        fixture.array(f"logsumexp.{name}", logsumexp, "<f8")
        fixture.array(f"argmax.{name}", argmax, "<u2")
    rounding = rms(keep(int8) - keep(f32))
    fixture.array("error.exact", error)
    fixture.array("tolerance.f32", tolerance.FACTOR * error)
    fixture.array("tolerance.int8.rms", 3 * np.maximum(spread, np.median(spread)))
    fixture.array("tolerance.int8.pooled", [1.5 * pooled])
    fixture.array("error.rounding.rms", rounding)
    say(f"  f32 error {error.max():.3g}; int8 spread {pooled:.4f}, {np.round(spread, 3)}")
    say(f"  int8 from f32 {rms((keep(int8) - keep(f32)).ravel()):.4f}, {np.round(rounding, 3)}")


def exact_errors(model, sequences, f32, ids):
    """The error of two f32 passes against f64 for each prompt (see the table above)."""
    own, precise = Rounded(model), Rounded(model, torch.float64)
    own.rounds = precise.rounds = False
    error = np.full(len(sequences), np.nan)
    short = [index for index, one in enumerate(sequences) if len(one) <= EXACT_TOKENS]
    some = [sequences[index] for index in short]
    exact_rows = last_logits(precise, some, f"{len(some)} short prompts in f64")
    own_rows = last_logits(own, some, "the same with our own forward pass in f32")
    for index, exact, other in zip(short, exact_rows, own_rows):
        kept = ids[index]
        error[index] = max(
            tolerance.largest(f32[index][kept], exact[kept]),
            tolerance.largest(other[kept], exact[kept]),
        )
    if np.nanmax(error) > 1e-2:
        raise ValueError(f"expected equal forward passes, found a distance of {error}")
    return np.where(np.isnan(error), np.nanmax(error), error)


def int8_draws(simulation, sequences, keep, plain):
    """The differences of two perturbed simulations from the plain one: [2, prompts, KEPT]."""
    simulation.jitter, draws = tolerance.JITTER, []
    for seed in range(2):
        simulation.random.manual_seed(seed)
        rows = last_logits(simulation, sequences, f"perturbed simulation {seed + 1} of 2")
        draws.append(keep(rows) - plain)
    simulation.jitter = 0.0
    return np.stack(draws)


def add_hidden(fixture, model, ids):
    """Adds some hidden states of one prompt in f32, at its last position."""
    own, precise = Rounded(model), Rounded(model, torch.float64)
    own.rounds = precise.rounds = False

    def states(decoder):
        hidden = decoder.run(ids)[0]
        return np.stack([hidden[f"layer.{block}"][-1] for block in HIDDEN_BLOCKS])

    f32, exact = states(Reference(model)), states(precise)
    error = np.maximum(np.abs(f32 - exact).max(-1), np.abs(states(own) - exact).max(-1))
    for block, state in zip(HIDDEN_BLOCKS, f32):
        fixture.array(f"hidden.f32.layer.{block}", state)
    fixture.array("tolerance.hidden.f32", tolerance.FACTOR * error)
    say(f"  hidden states: largest {np.abs(f32).max(-1)}, f32 error {error}")


def add_block(fixture, model):
    """Adds the first block of two tokens, chosen to keep clear of rounding boundaries."""
    precise, plain = Rounded(model, torch.float64), Rounded(model)
    precise.block_count = plain.block_count = 1

    def gap(ids):
        precise.gap = 1.0
        precise.run(ids, last_only=True)
        return precise.gap

    def state(decoder):
        return decoder.run(ids)[0]["layer.0"]

    candidates = [[first, first + 1] for first in range(1000, 1000 + 7 * BLOCK_CANDIDATES, 7)]
    ids = max(candidates, key=gap)
    say(f"  first block of {ids}: gap {gap(ids):.3g}")
    expected, draws = state(precise), [state(plain)]
    plain.jitter = tolerance.JITTER
    for seed in range(tolerance.JITTERED_RUNS):
        plain.random.manual_seed(seed)
        draws.append(state(plain))
    precise.rounds = plain.rounds = False
    plain.jitter = 0.0
    exact, f32 = state(precise), state(plain)
    errors = [
        tolerance.largest(f32, exact),
        max(tolerance.largest(draw, expected) for draw in draws),
    ]
    fixture.array("block.tokens", ids, "<u2")
    fixture.array("block.f32", f32)
    fixture.array("block.int8", expected)
    fixture.array("tolerance.block", tolerance.FACTOR * np.array(errors))
    say(f"  errors f32, int8 {errors}; int8 from f32 {tolerance.largest(expected, exact):.3g}")


def add_greedy(fixture, model, tokenizer):
    """Adds the continuations; texts.py has prompts at which no two tokens are nearly as likely."""
    say(f"greedy continuations of {len(texts.GREEDY_PROMPTS)} prompts")
    prompts = [tokenizer.encode(text).ids for text in texts.GREEDY_PROMPTS]
    found = [Reference(model).greedy(ids, GREEDY_TOKENS) for ids in prompts]
    for text, (_, margins) in zip(texts.GREEDY_PROMPTS, found):
        say(f"  smallest margin {min(margins):.4f} {text!r}")
        if min(margins) < LEAST_MARGIN:
            raise ValueError(f"expected a margin of {LEAST_MARGIN}, found {min(margins)}")
    fixture.lists("greedy.prompts.tokens", prompts)
    fixture.array("greedy.tokens", [tokens for tokens, _ in found], "<u2")
    fixture.array("greedy.margins", [margins for _, margins in found])


def negative_log_likelihood(logits, ids):
    """The mean over all tokens but the first, in f64."""
    rows = torch.tensor(logits[:-1])
    chosen = torch.tensor(ids[1:])
    total = 0.0
    for start in range(0, len(rows), 64):
        part = rows[start : start + 64].double().log_softmax(-1)
        total -= float(part.gather(1, chosen[start : start + 64, None]).sum())
    return total / len(rows)


def add_perplexity(fixture, model, tokenizer):
    """Adds the mean negative log-likelihood of the long text."""
    ids = tokenizer.encode(texts.PERPLEXITY_TEXT).ids
    say(f"perplexity of {len(ids)} tokens")
    f32 = negative_log_likelihood(Reference(model).logits(ids), ids)
    int8 = negative_log_likelihood(Rounded(model).run(ids)[1], ids)
    fixture.text("perplexity.text", [texts.PERPLEXITY_TEXT])
    fixture.array("perplexity.tokens", ids, "<u2")
    fixture.array("perplexity.f32", [f32], "<f8")
    fixture.array("perplexity.int8", [int8], "<f8")
    say(f"  f32 {np.exp(f32):.4f}, int8 {np.exp(int8):.4f}")
