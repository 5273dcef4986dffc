"""The fixtures of the real models: SmolLM2-135M-Instruct in Q4_1 (its embedding is Q8_0) and two
of Qwen2.5-Coder-Instruct, 0.5B (Q5_0, Q8_0, Q4_K, Q6_K) and 1.5B (Q4_K, Q6_K).

The models are not committed; the Swift tests that need them run where they are. "f32" is
transformers on the dequantised weights; "attention" the simulation of decoder.py with integer
attention on the same weights; "int8" the simulation with int8 activations too, on the weights that
an import makes of them (`round_weights`; those of SmolLM2 stay as they are). `.*`: one of each.
Entries of NAME.golden, beside those that every fixture has (fixture.py); P is the number of prompts,
K that of the logits that are kept of each, both in `Plan`:

    strings                  text [N]       N > 200, and what they are encoded to; SmolLM2 only,
    strings.tokens           lists [N]      the strings are the same for Qwen2.5, 0.5B only
    prompts.tokens           lists [P]      plain text, then ChatML
    logits.ids               u16 [P, K]     ids whose logits are kept: the 32 best, best first,
                                            then others at random
    logits.*                 f32 [P, K]     at the last position of each prompt
    logsumexp.*              f64 [P]        over the whole vocabulary
    argmax.*                 u16 [P]        over the whole vocabulary
    error.exact              f32 [P]        |f32 - f64| of the reference, the largest of the K;
                                            measured for the prompts of at most 40 tokens, and
                                            elsewhere the largest of those
    error.attention          f32 [P]        |logits.attention - logits.f32|, the largest of the K: what
                                            integer attention costs
    error.attention.rms      f32 [P]        its root mean square
    tolerance.attention      f32 [P]        allowed |engine in f32 - logits.attention|, each of the K
    tolerance.attention.pooled
                             f32 [1]        allowed root mean square of it, over all prompts together
    tolerance.int8.rms       f32 [P]        allowed root mean square, over the K, of
                                            (engine with int8 activations - logits.int8)
    tolerance.int8.pooled    f32 [1]        the same over all prompts together
    error.rounding.rms       f32 [P]        root mean square of logits.int8 - logits.f32
    error.weights            f32 [n]        relative root mean square error of the weights of each
    error.weights.types      text [n]       type that an import rounds (absent if it rounds none)
    columns.stride           u32 [1]        of hidden states, every so many columns are kept; absent if
                                            all are
    hidden.attention.layer.N f32 [width]    after block N (0, 1 and the last) at the last position
                                            of prompt 0
    tolerance.hidden.attention
                             f32 [3]        allowed largest difference of each
    block.tokens             u16 [2]        a sequence for a sharp comparison of the first block
    block.attention, .int8   f32 [2, width] hidden states after block 0
    tolerance.block          f32 [2]        allowed largest difference of each
    greedy.prompts.tokens    lists [G]      plain text
    greedy.tokens            u16 [G, n]     the most likely continuation in f32; the end token has
                                            no special part
    greedy.margins           f32 [G, n]     the best logit of each step less the second
    perplexity.text          text [1]       SmolLM2 only; the others have its first paragraphs
    perplexity.tokens        u16 [n]
    perplexity.*             f64 [1]        mean over tokens 2...n of -log p(token | those before),
                                            in nats, from f32 logits, summed in f64; exp() of it
                                            is the perplexity

Token ids are u16 where the vocabulary has less than 65,536 tokens, and u32 for Qwen2.5.

Bytes that the vocabulary of SmolLM2 does not have (0x04, 0x06, 0x13, 0x14, 0x16, 0x1d, 0xf1, 0xf2 and those
that UTF-8 never uses) have no token: the reference drops them, before merging, as llama.cpp does.

Tolerances. attention: 8 e + 4 d as tolerance.py explains, with e of the largest of the K logits
(error.exact) and d the largest of two disturbed simulations, or of the median prompt's if
that is more. A step in one block makes many in the next, until after 30 blocks two simulations
differ about as much as each does from f32. Over all prompts together the root mean square scatters
little: allowed is 1.5 times the larger. int8: f32 errors alone
move some dozen activations per token over a rounding boundary, and 30 blocks spread each such
step until two correct simulations differ about as much as each does from f32. Engine and
simulation are two draws of one process, so what can be compared is their distance with the
distance of such draws: two more simulations, disturbed as tolerance.py says, give the root mean square distance over the kept logits of each prompt. One prompt's
distance scatters by a factor of about 2 (its errors are correlated): allowed is 3 times the larger
of the two, or of the median prompt's if that is more. Over all prompts together it scatters by a
tenth: allowed is 1.5 times the larger. What compares the int8 path sharply is the first block
of the sequence that disturbances move least there (tolerance.py), and the tiny models.
"""

import os
from dataclasses import dataclass

import numpy as np
import torch

import bpe
import texts
import tolerance
from decoder import Reference, Rounded, check_weights, load, round_weights
from first_block import add_block, first_block
from fixture import Fixture, sha256

SEED = 20_250_117
BEST, EXACT_TOKENS = 32, 40
SYSTEM = "You are a careful judge."


@dataclass
class Plan:
    """What is written down of one model; the numbers of texts are places in texts.py."""

    name: str
    raw_prompts: list
    questions: list
    kept: int = 64
    has_strings: bool = False
    greedy_prompts: int = 8
    greedy_tokens: int = 64
    least_margin: float = 0.0
    paragraphs: int = 6
    block_candidates: int = 250
    stride: int = 1


PLANS = {
    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53": Plan(
        "smollm2-q4_1",
        range(12),
        range(8),
        kept=192,
        has_strings=True,
        least_margin=5e-3,
    ),
    "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32": Plan(
        "qwen2.5-coder-0.5b",
        [0, 1, 2, 3, 4, 6, 11],
        [0, 1, 3, 5, 6],
        has_strings=True,
        greedy_prompts=4,
        greedy_tokens=32,
        paragraphs=3,
        stride=5,
    ),
    "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046": Plan(
        "qwen2.5-coder-1.5b",
        [0, 2],
        [0, 3],
        greedy_prompts=2,
        greedy_tokens=16,
        paragraphs=1,
        block_candidates=60,
        stride=5,
    ),
}


@dataclass
class Exact:
    """The last logits of the prompts in f32, the ids that are kept, and the errors of f32."""

    ids: np.ndarray
    rows: list
    error: np.ndarray


def make(path, folder):
    """Writes the fixture of the model at `path` into `folder`.

    First everything on the weights of the file; then they are rounded in place, since two models of
    1.5B parameters in f32 need not fit into memory, and everything with int8 activations follows.
    """
    plan = PLANS.get(found := sha256(path))
    if plan is None:
        raise ValueError(f"{path}: expected one of the files in PLANS, found SHA-256 {found}")
    tokenizer = bpe.from_gguf(path)
    fixture = Fixture(path, SEED, "tools/reference/real.py and tolerance.py")
    if plan.has_strings:
        add_strings(fixture, tokenizer, path, plan)
    say("loading the model")
    model = load(path)
    check_weights(path, model)
    sequences = prompts(tokenizer, plan)
    if plan.stride > 1:
        fixture.array("columns.stride", [plan.stride], "<u4")
    add_hidden(fixture, model, sequences[0], plan)
    exact = add_exact_logits(fixture, model, sequences, plan)
    add_attention_logits(fixture, model, sequences, exact)
    add_greedy(fixture, model, tokenizer, plan)
    long_ids = add_perplexity(fixture, model, tokenizer, plan)
    first = first_block(model)
    if errors := round_weights(path, model):
        fixture.text("error.weights.types", list(errors))
        fixture.array("error.weights", list(errors.values()))
        say(f"weights rounded: {errors}")
    add_block(fixture, model, first, plan.block_candidates, plan.stride)
    add_rounded_logits(fixture, model, sequences, exact.ids, exact.rows)
    add_log_loss(fixture, "int8", Rounded(model).run(long_ids)[1], long_ids)
    fixture.write(os.path.join(folder, plan.name + ".golden"))


def say(text):
    """Shows how far it is."""
    print(text, flush=True)


def add_strings(fixture, tokenizer, path, plan):
    """Adds the strings and their tokens."""
    encoded = [tokenizer.encode(string).ids for string in texts.STRINGS]
    control = bpe.control_ids(path)
    if any(control.intersection(ids) for ids in encoded):
        raise ValueError("expected no control token in an encoded text, found one")
    if plan.name.startswith("smollm2"):
        fixture.text("strings", texts.STRINGS)
    fixture.lists("strings.tokens", encoded)


def prompts(tokenizer, plan):
    """Token ids of the prompts."""
    plain = [tokenizer.encode(texts.RAW_PROMPTS[place]).ids for place in plan.raw_prompts]
    questions = [texts.QUESTIONS[place] for place in plan.questions]
    chats = [
        bpe.chat(tokenizer, [("system", SYSTEM), ("user", question), ("assistant", None)])
        for question in questions
    ]
    return plain + chats


def rms(difference):
    """Root mean square along the last axis."""
    return np.sqrt((difference.astype(np.float64) ** 2).mean(-1))


def summary(rows):
    """Logsumexp in f64 and argmax of each row."""
    rows = torch.tensor(np.stack(rows), dtype=torch.float64)
    return rows.logsumexp(-1).numpy(), rows.argmax(-1).numpy()


def kept_ids(logits, count):
    """The ids to keep of one row: the best, then others at random."""
    best = np.argsort(-logits, kind="stable")[:BEST]
    others = np.setdiff1d(np.arange(len(logits)), best)
    random = np.random.default_rng(SEED)
    return np.concatenate([best, np.sort(random.choice(others, count - BEST, replace=False))])


def last_logits(decoder, sequences, label):
    """The last logits of each sequence by a `Rounded` decoder."""
    say(label)
    return [decoder.run(ids, last_only=True)[1][-1] for ids in sequences]


def add_exact_logits(fixture, model, sequences, plan):
    """Adds the logits of all prompts in f32; returns them."""
    say(f"{len(sequences)} prompts of {[len(ids) for ids in sequences]} tokens, f32")
    reference = Reference(model)
    f32 = [reference.last_logits(ids) for ids in sequences]
    ids = np.stack([kept_ids(row, plan.kept) for row in f32])
    error = exact_errors(model, sequences, f32, ids)
    fixture.lists("prompts.tokens", sequences)
    fixture.tokens("logits.ids", ids)
    add_rows(fixture, "f32", f32, ids)
    fixture.array("error.exact", error)
    say(f"  f32 error {error.max():.3g}")
    return Exact(ids, f32, error)


def add_attention_logits(fixture, model, sequences, exact):
    """Adds the logits of the simulation of integer attention with their tolerances and cost."""
    simulation, ids = attending(model), exact.ids
    rows = last_logits(simulation, sequences, "simulation of integer attention")
    draws = disturbed_draws(simulation, sequences, ids, keep(rows, ids))
    steps = np.abs(draws).max((0, 2))
    steps = np.maximum(steps, np.median(steps))
    add_rows(fixture, "attention", rows, ids)
    cost = keep(rows, ids) - keep(exact.rows, ids)
    pooled = rms(draws.reshape(len(draws), -1)).max()
    allowed = tolerance.combined(exact.error, steps)
    fixture.array("tolerance.attention", allowed)
    fixture.array("tolerance.attention.pooled", [1.5 * pooled])
    fixture.array("error.attention", np.abs(cost).max(-1))
    fixture.array("error.attention.rms", rms(cost))
    say(f"  steps {steps.max():.3g}, rms {pooled:.3g}; tolerance {allowed.max():.3g}")
    say(f"  integer attention costs {np.abs(cost).max():.3g}, rms {rms(cost.ravel()):.3g}")


def attending(model, dtype=torch.float32):
    """The simulation of integer attention, with f32 activations."""
    simulation = Rounded(model, dtype)
    simulation.rounds = False
    return simulation


def add_rows(fixture, name, rows, ids):
    """Adds what is kept of the logits of all prompts."""
    logsumexp, argmax = summary(rows)
    fixture.array(f"logits.{name}", keep(rows, ids))
    fixture.array(f"logsumexp.{name}", logsumexp, "<f8")
    fixture.tokens(f"argmax.{name}", argmax)


def keep(rows, ids):
    """The kept logits: [prompts, kept]."""
    return np.stack([row[chosen] for row, chosen in zip(rows, ids)])


def add_rounded_logits(fixture, model, sequences, ids, f32):
    """Adds the logits of the simulation of int8 activations with their tolerances."""
    simulation = Rounded(model)
    int8 = last_logits(simulation, sequences, "simulation of int8 activations")
    draws = disturbed_draws(simulation, sequences, ids, keep(int8, ids))
    spread, pooled = rms(draws).max(0), rms(draws.reshape(len(draws), -1)).max()
    add_rows(fixture, "int8", int8, ids)
    difference = keep(int8, ids) - keep(f32, ids)
    fixture.array("tolerance.int8.rms", 3 * np.maximum(spread, np.median(spread)))
    fixture.array("tolerance.int8.pooled", [1.5 * pooled])
    fixture.array("error.rounding.rms", rms(difference))
    say(f"  int8 spread {pooled:.4f}, {np.round(spread, 3)}")
    say(f"  int8 from f32 {rms(difference.ravel()):.4f}, {np.round(rms(difference), 3)}")


def exact_errors(model, sequences, f32, ids):
    """The error of two f32 passes against f64 for each prompt (see the table above)."""
    own, precise = tolerance.unrounded(model), tolerance.unrounded(model, torch.float64)
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


def disturbed_draws(simulation, sequences, ids, plain):
    """The differences of two disturbed simulations from the plain one: [2, prompts, kept]."""

    def rows():
        return keep(last_logits(simulation, sequences, "  disturbed"), ids) - plain

    return np.stack(list(tolerance.draws(simulation, rows, 2))[1:])


def add_hidden(fixture, model, ids, plan):
    """Adds some hidden states of one prompt with integer attention, at its last position."""
    blocks = [0, 1, model.config.num_hidden_layers - 1]

    def states(hidden):
        return np.stack([hidden[f"layer.{block}"][-1] for block in blocks])

    def apart(found, expected):
        return np.abs(found - expected).max(-1)

    f32 = states(Reference(model).run(ids)[0])
    own = states(tolerance.unrounded(model).states(ids))
    exact = states(tolerance.unrounded(model, torch.float64).states(ids))
    error = np.maximum(apart(f32, exact), apart(own, exact))
    simulation = attending(model)
    expected, *draws = tolerance.draws(simulation, lambda: states(simulation.states(ids)), 4)
    steps = np.max([apart(draw, expected) for draw in draws], 0)
    for block, state in zip(blocks, expected):
        fixture.array(f"hidden.attention.layer.{block}", state[:: plan.stride])
    fixture.array("tolerance.hidden.attention", tolerance.combined(error, steps))
    say(f"  hidden states: largest {np.abs(f32).max(-1)}, f32 error {error}, steps {steps}")
    say(f"  integer attention costs {apart(expected, f32)}")


def add_greedy(fixture, model, tokenizer, plan):
    """Adds the continuations; texts.py has prompts at which no two tokens are nearly as likely
    for SmolLM2."""
    prompts = texts.GREEDY_PROMPTS[: plan.greedy_prompts]
    say(f"greedy continuations of {len(prompts)} prompts")
    ids = [tokenizer.encode(text).ids for text in prompts]
    found = [Reference(model).greedy(one, plan.greedy_tokens) for one in ids]
    for text, (_, margins) in zip(prompts, found):
        say(f"  smallest margin {min(margins):.4f} {text!r}")
        if min(margins) < plan.least_margin:
            raise ValueError(f"expected a margin of {plan.least_margin}, found {min(margins)}")
    fixture.lists("greedy.prompts.tokens", ids)
    fixture.tokens("greedy.tokens", [tokens for tokens, _ in found])
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


def add_perplexity(fixture, model, tokenizer, plan):
    """Adds the mean negative log-likelihood of the long text in f32; returns its tokens."""
    ids = tokenizer.encode("\n\n".join(texts.PARAGRAPHS[: plan.paragraphs])).ids
    say(f"perplexity of {len(ids)} tokens")
    if plan.name.startswith("smollm2"):
        fixture.text("perplexity.text", [texts.PERPLEXITY_TEXT])
    fixture.tokens("perplexity.tokens", ids)
    add_log_loss(fixture, "f32", Reference(model).logits(ids), ids)
    add_log_loss(fixture, "attention", attending(model).run(ids)[1], ids)
    return ids


def add_log_loss(fixture, name, logits, ids):
    """Adds the mean negative log-likelihood of the long text by some logits."""
    loss = negative_log_likelihood(logits, ids)
    fixture.array(f"perplexity.{name}", [loss], "<f8")
    say(f"  perplexity {name} {np.exp(loss):.4f}")
