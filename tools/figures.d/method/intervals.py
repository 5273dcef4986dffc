"""What a measurement on a sample says of all: intervals of 95%, and the area under the curve."""

import math
import random

Z = 1.959963984540054
ROUNDS = 1000


def wilson(hits, count):
    """The interval of a share, by Wilson's score."""
    if count == 0:
        return 0.0, 1.0
    share, square = hits / count, Z * Z / count
    middle = (share + square / 2) / (1 + square)
    half = Z / (1 + square) * math.sqrt(share * (1 - share) / count + square / (4 * count))
    return max(0.0, middle - half), min(1.0, middle + half)


def bootstrap(items, statistic, rounds=ROUNDS):
    """The interval of a statistic of items, which are drawn anew with replacement. A draw of which
    the statistic says nothing (None) is left out."""
    numbers = random.Random(1)
    drawn = (statistic(numbers.choices(items, k=len(items))) for _ in range(rounds))
    found = sorted(value for value in drawn if value is not None)
    if not found:
        return math.nan, math.nan
    return percentile(found, 0.025), percentile(found, 0.975)


def mean(values):
    return sum(values) / len(values)


def percentile(values, share):
    """The least value that at least this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def auc(pairs):
    """The probability that a good one scores above a bad one, a tie counting half; None without
    both kinds. `pairs`: (score, is good)."""
    ordered = sorted(pairs, key=lambda pair: pair[0])
    good = sum(1 for _, is_good in ordered if is_good)
    bad = len(ordered) - good
    if good == 0 or bad == 0:
        return None
    ranks, start = 0.0, 0
    while start < len(ordered):
        end = start
        while end < len(ordered) and ordered[end][0] == ordered[start][0]:
            end += 1
        middle = (start + 1 + end) / 2  # the mean rank of those that tie
        ranks += middle * sum(1 for _, is_good in ordered[start:end] if is_good)
        start = end
    return (ranks - good * (good + 1) / 2) / (good * bad)
