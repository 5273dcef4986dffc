"""The limits of this machine, measured on the spot, and what share of them an engine reaches."""

import json
from dataclasses import dataclass

from engine.workplace import compile_c, last_cache_bytes, run


@dataclass(frozen=True)
class Roofline:
    """What so many threads can do; operations count a multiplication and an addition as two."""

    threads: int
    int8_name: str
    f32_name: str
    int8_gops: float
    f32_gflops: float
    cache_gbs: float
    memory_gbs: float


def measure(threads, runs=3):
    """The best of some runs of the program beside this file (about five seconds each): what a peak
    can only be too low by is what else the machine did meanwhile."""
    program = compile_c("roofline")
    found = [json.loads(run([program, threads, last_cache_bytes()], "the roofline"))
             for _ in range(runs)]
    best = {name: max(one[name] for one in found) for name in found[0]}
    return Roofline(**best)


def product_operations(model, tokens, sampled_rows):
    """Operations of the products with weights: every block for each token, the vocabulary for the
    rows that are sampled. Attention, norms and sampling are not in it: they count as lost time."""
    width, query, pair = model["width"], model["queryWidth"], 2 * model["keyValueWidth"]
    block = width * (query + pair) + query * width + 3 * width * model["feedForwardWidth"]
    return 2 * (model["layers"] * block * tokens + model["vocabulary"] * width * sampled_rows)


def prefill_share(model, roofline, tokens, seconds):
    """How much of the int8 peak the products of a prefill come to."""
    return product_operations(model, tokens, 1) / (seconds * roofline.int8_gops * 1e9)


def decode_share(roofline, weight_bytes, tokens_per_second):
    """How much of the bandwidth the reading of the weights comes to, one sample a step: of the
    memory's, or of the last cache's where the weights fit into it."""
    fits = weight_bytes <= last_cache_bytes()
    limit = roofline.cache_gbs if fits else roofline.memory_gbs
    return weight_bytes * tokens_per_second / (limit * 1e9)
