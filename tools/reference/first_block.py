"""The sharp comparison of a real model: its first block, on the two tokens that disturbances move least.

real.py documents the entries.
"""

import torch

import tolerance
from decoder import Rounded


def first_block(model):
    """A pass over the first block alone, whose weights stay when those of the model are rounded."""
    first = Rounded(model)
    names = ["model.embed_tokens.weight", "model.norm.weight"]
    names += [name for name in first.state if name.startswith("model.layers.0.")]
    first.state = {name: first.state[name].clone() for name in names}
    first.block_count, first.rounds = 1, False
    return first


def add_block(fixture, model, first, candidate_count, stride):
    """Adds the first block of two tokens, those that disturbances move least.

    `first` is a pass over the first block with the weights of the file.
    """
    precise, plain = Rounded(model, torch.float64), Rounded(model)
    precise.block_count = plain.block_count = 1

    def state(decoder, ids):
        return decoder.states(ids)["layer.0"]

    places = range(1000, 1000 + 7 * candidate_count, 7)
    ids, moved = tolerance.steadiest(precise, plain, [[one, one + 1] for one in places], state)
    print(f"  first block of {ids}: moved by {moved:.3g}", flush=True)
    found = list(tolerance.draws(first, lambda: state(first, ids)))
    first.attends_in_integers = False
    f32 = state(first, ids)
    first.dtype, first.inverse_frequencies = torch.float64, precise.inverse_frequencies
    exact = state(first, ids)
    first.attends_in_integers = True
    attention, expected = state(first, ids), state(precise, ids)
    errors = [
        tolerance.combined(
            tolerance.largest(f32, exact), max(tolerance.largest(one, attention) for one in found)
        ),
        tolerance.combined(tolerance.largest(f32, exact), moved),
    ]
    fixture.tokens("block.tokens", ids)
    fixture.array("block.attention", attention[:, :: stride])
    fixture.array("block.int8", expected[:, :: stride])
    fixture.array("tolerance.block", errors)
    cost = tolerance.largest(attention, exact)
    print(f"  tolerances {errors}; integer attention costs {cost:.3g}", flush=True)
