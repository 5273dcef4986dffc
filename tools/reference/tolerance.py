"""Tolerances that come from measured errors of the reference, not from a guess.

f32 sums. The engine differs from transformers first in the order of its f32 sums. The
worst-case bound for that (Higham's gamma_n through every layer) is thousands of times above what
happens, so it would hide faults. Instead: e is the largest distance, over all positions of all
sequences, of two independent f32 forward passes (transformers, and the one of decoder.py without
rounding) from the same pass in f64. The engine's f32 error is another draw from the same
distribution; with some ten thousand values per fixture the largest of two draws is a stable
estimate, and 8 e leaves room for a sum that is longer in one piece or an exponential of lower
precision. Hidden states have a tolerance each, made in the same way; none is below 4 ulp of the
largest value.

Rounding. The engine attends in integers and may have int8 activations, so what it is compared
with is the simulation of that (decoder.py) in f64. It is discontinuous: where a number lies near a
boundary between two whole ones, an error in its last bits moves it to the other. In attention that
is a step of 1/2,047 of the largest of a query, 1/4,095 of a key or a value, and moves logits by
1e-3; a step of int8 moves them by 0.01 to 0.1. d is the largest distance from the f64 simulation
of a plain one in f32 and of 12 more in which everything that attention rounds is moved by u times
the largest of its row, |u| <= 2^-20 (several units of f32 and more than its errors), and matrix
inputs are multiplied by 1 + u, |u| <= 2^-22. The tolerance is 8 e + 4 d. The tiny fixtures hold,
of many candidate sequences, those with the smallest d. A d above STEADY means that no candidate
keeps clear of the boundaries of int8, and making the fixture fails. The real model rounds some 100,000
values per token, so crossings are certain; real.py says what is compared there. What integer
attention costs, its distance from transformers, is stored beside it (error.attention) and not
part of any tolerance. A wrong weight, position or scale moves logits by 1e-2 and more.
The error that rounding causes against f32 activations is stored beside it, to be reported, not
to be tested.
"""

from dataclasses import dataclass

import numpy as np
import torch

from decoder import Reference, Rounded

FACTOR = 8
STEP_FACTOR = 4
STEADY = 5e-3
JITTER = 2.0**-22
ATTENTION_JITTER = 2.0**-20
JITTERED_RUNS = 12
FLOOR_ULPS = 4


@dataclass
class Outcome:
    """Runs of a reference (hidden states and logits per sequence) with what may differ."""

    runs: list
    error: float
    logits: float
    hidden: dict


def largest(found, expected):
    """The largest absolute difference of two arrays."""
    return float(np.abs(found.astype(np.float64) - expected).max())


def errors(found, expected):
    """The largest differences of logits and of each hidden state over all sequences."""
    logits = max(largest(one[1], two[1]) for one, two in zip(found, expected))
    names = expected[0][0].keys()
    hidden = {
        name: max(largest(one[0][name], two[0][name]) for one, two in zip(found, expected))
        for name in names
    }
    return logits, hidden


def floor(runs):
    """A few units in the last place of the largest value, of logits and each hidden state."""
    unit = FLOOR_ULPS * 2.0**-23
    logits = unit * max(np.abs(run[1]).max() for run in runs)
    names = runs[0][0].keys()
    return logits, {name: unit * max(np.abs(run[0][name]).max() for run in runs) for name in names}


def combine(measured, scale, least):
    """The largest of several measured errors times a factor, but not below `least`."""
    logits = max(scale * max(one[0] for one in measured), least[0])
    hidden = {
        name: max(scale * max(one[1][name] for one in measured), least[1][name])
        for name in least[1]
    }
    return logits, hidden


def exact(model, ids):
    """transformers in f32, with the tolerance for an engine that differs in f32 sums alone."""
    reference = Reference(model)
    runs = [reference.run(sequence) for sequence in ids]
    own, precise = unrounded(model), unrounded(model, torch.float64)
    own_runs = [own.run(sequence) for sequence in ids]
    precise_runs = [precise.run(sequence) for sequence in ids]
    measured = [errors(runs, precise_runs), errors(own_runs, precise_runs)]
    logits, hidden = combine(measured, FACTOR, floor(runs))
    error = max(one[0] for one in measured)
    if error > 1e-3:
        raise ValueError(f"expected equal forward passes, found a distance of {error}")
    return Outcome(runs, error, logits, hidden)


def unrounded(model, dtype=torch.float32):
    """The forward pass written out with nothing rounded."""
    decoder = Rounded(model, dtype)
    decoder.rounds = decoder.attends_in_integers = False
    return decoder


def combined(error, steps):
    """The tolerance for errors of f32 sums and steps of rounding."""
    return FACTOR * np.asarray(error) + STEP_FACTOR * np.asarray(steps)


def draws(decoder, run, count=JITTERED_RUNS):
    """What `run` returns, plain and then with `count` disturbances of a decoder."""
    for seed in range(count + 1):
        decoder.jitter = JITTER if seed else 0.0
        decoder.attention_jitter = ATTENTION_JITTER if seed else 0.0
        decoder.random.manual_seed(seed)
        yield run()
    decoder.jitter = decoder.attention_jitter = 0.0


def simulated(model, ids, rounds):
    """Runs of the simulation in f64, and the errors of those in f32 with disturbances."""
    precise, disturbed = Rounded(model, torch.float64), Rounded(model)
    precise.rounds = disturbed.rounds = rounds
    runs = [precise.run(sequence) for sequence in ids]
    found = draws(disturbed, lambda: [disturbed.run(sequence) for sequence in ids])
    return runs, [errors(one, runs) for one in found]


def steadiest(precise, disturbed, candidates, run):
    """The candidate sequence that disturbances move least, and by how much.

    `run` makes an array of a decoder and a sequence.
    """
    best, least = None, np.inf
    for ids in candidates:
        expected, moved = run(precise, ids), 0.0
        for found in draws(disturbed, lambda: run(disturbed, ids)):
            moved = max(moved, largest(found, expected))
            if moved >= least:
                break
        else:
            best, least = ids, moved
    return best, least


def steadiest_of(model, candidates, rounds):
    """The candidate sequence whose logits disturbances move least."""
    precise, disturbed = Rounded(model, torch.float64), Rounded(model)
    precise.rounds = disturbed.rounds = rounds
    best, moved = steadiest(
        precise, disturbed, candidates, lambda decoder, ids: decoder.run(ids)[1]
    )
    print(f"  {len(best)} tokens: moved by {moved:.3g}", flush=True)
    return best


def rounding(model, ids, rounds, sums):
    """The simulation of the engine's rounding, with the tolerance for an engine that does the same.

    `sums` is what `exact` returned.
    """
    runs, measured = simulated(model, ids, rounds)
    nothing = (0.0, dict.fromkeys(sums.hidden, 0.0))
    logits, hidden = combine(measured, STEP_FACTOR, nothing)
    error = max(one[0] for one in measured)
    if error > STEADY:
        raise ValueError(f"expected no value to cross a boundary, found a distance of {error}")
    hidden = {name: value + sums.hidden[name] for name, value in hidden.items()}
    return Outcome(runs, error, logits + sums.logits, hidden)


def distance(found, expected):
    """Largest and root mean square difference of the logits, and the logits' own size."""
    one = np.concatenate([run[1].ravel() for run in found]).astype(np.float64)
    two = np.concatenate([run[1].ravel() for run in expected]).astype(np.float64)
    difference = one - two
    return [np.abs(difference).max(), np.sqrt((difference**2).mean()), np.sqrt((two**2).mean())]
