"""Tolerances that come from measured errors of the reference, not from a guess.

f32 activations. The engine differs from transformers only in the order of its f32 sums. The
worst-case bound for that (Higham's gamma_n through every layer) is thousands of times above what
happens, so it would hide faults. Instead: e is the largest distance, over all positions of all
sequences, of two independent f32 forward passes (transformers, and the one of decoder.py) from
the same pass in f64. The engine's f32 error is another draw from the same distribution; with
some ten thousand values per fixture the largest of two draws is a stable estimate, and 8 e
leaves room for a sum that is longer in one piece or an exponential of lower precision. A wrong
weight, position or scale moves logits by 1e-2 and more, a thousand times as much. Hidden states
have a tolerance each, made in the same way; no tolerance is below 4 ulp of the largest value.

int8 activations. Rounding makes the pass discontinuous: a value near a boundary between two
integers goes to the other one after a change in its last bits, and one such step moves the
logits by 0.01 to 0.1. The tiny fixtures avoid it: of 200 candidate sequences they hold those in
which the value nearest to a boundary is farthest from it (GAP of a step at least, against 1e-4
of a step that f32 errors of 1e-6 make of a value of 127). There the pass is continuous, and the
tolerance is 8 d: d is the largest distance, of a plain f32 simulation and of 12 more whose matrix
inputs are multiplied by 1 + u, |u| <= 2^-22 (2 ulp), from the simulation in f64. If a value
crossed a boundary in any of them, making the fixture fails. The real model has some 100,000
rounded values per token, so crossings are certain; real.py says what is compared there. The
error that rounding causes against f32 activations is stored beside it, to be reported, not to be
tested.
"""

from dataclasses import dataclass

import numpy as np
import torch

from decoder import Reference, Rounded

FACTOR = 8
GAP = 2e-4
JITTER = 2.0**-22
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
    """The largest of several measured errors times a factor, but not below the floor."""
    logits = max(scale * max(one[0] for one in measured), least[0])
    hidden = {
        name: max(scale * max(one[1][name] for one in measured), least[1][name])
        for name in least[1]
    }
    return logits, hidden


def exact(model, ids):
    """transformers in f32, with the tolerance for an engine whose activations are f32."""
    reference = Reference(model)
    runs = [reference.run(sequence) for sequence in ids]
    own, precise = Rounded(model), Rounded(model, torch.float64)
    own.rounds = precise.rounds = False
    own_runs = [own.run(sequence) for sequence in ids]
    precise_runs = [precise.run(sequence) for sequence in ids]
    measured = [errors(runs, precise_runs), errors(own_runs, precise_runs)]
    logits, hidden = combine(measured, FACTOR, floor(runs))
    error = max(one[0] for one in measured)
    if error > 1e-3:
        raise ValueError(f"expected equal forward passes, found a distance of {error}")
    return Outcome(runs, error, logits, hidden)


def farthest_from_boundaries(model, candidates):
    """The candidate sequence whose activations stay farthest from a rounding boundary."""
    simulation = Rounded(model, torch.float64)

    def gap(ids):
        simulation.gap = 1.0
        simulation.run(ids)
        return simulation.gap

    gaps = [gap(ids) for ids in candidates]
    best = int(np.argmax(gaps))
    print(f"  gap of {len(candidates[best])} tokens: {gaps[best]:.3g}", flush=True)
    if gaps[best] < GAP:
        raise ValueError(f"expected a sequence with a gap of {GAP}, found {gaps[best]}")
    return candidates[best]


def rounding(model, ids):
    """The simulation of int8 activations, with the tolerance for an engine that does the same."""
    precise = Rounded(model, torch.float64)
    runs = [precise.run(sequence) for sequence in ids]
    perturbed = Rounded(model)
    measured = [errors([perturbed.run(sequence) for sequence in ids], runs)]
    perturbed.jitter = JITTER
    for seed in range(JITTERED_RUNS):
        perturbed.random.manual_seed(seed)
        measured.append(errors([perturbed.run(sequence) for sequence in ids], runs))
    logits, hidden = combine(measured, FACTOR, floor(runs))
    error = max(one[0] for one in measured)
    if error > 1e-3:
        raise ValueError(f"expected no value to cross a boundary, found a distance of {error}")
    return Outcome(runs, error, logits, hidden)


def distance(found, expected):
    """Largest and root mean square difference of the logits, and the logits' own size."""
    one = np.concatenate([run[1].ravel() for run in found]).astype(np.float64)
    two = np.concatenate([run[1].ravel() for run in expected]).astype(np.float64)
    difference = one - two
    return [np.abs(difference).max(), np.sqrt((difference**2).mean()), np.sqrt((two**2).mean())]
