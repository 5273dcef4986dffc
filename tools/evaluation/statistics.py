"""What measured items say of all: decisions from votes, intervals of 95%, areas, calibration.

All of it is pure: numbers in, numbers out, the same every time.
"""

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


def paired_difference(first, second):
    """(mean, low, high) of second - first over the items that both have: two judges are compared
    on the same items, whose difficulty cancels. `first`, `second`: {item: credit}; None if they
    share no item."""
    gains = [second[item] - first[item] for item in sorted(first.keys() & second.keys())]
    return (mean(gains), *bootstrap(gains, mean)) if gains else None


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


def leaders(totals):
    """The indexes that share the greatest total."""
    greatest = max(totals)
    return [index for index, total in enumerate(totals) if total == greatest]


def credit(best, leading):
    """1 for the right winner, shared among those that tie: what a random choice among them gets."""
    return 1 / len(leading) if best in leading else 0.0


def votes(record, count):
    """The totals of the first `count` judgments; None where none of them counts."""
    rows = [row for row in record.get("scores", [])[:count] if row]
    return [sum(column) for column in zip(*rows)] if rows else None


def filtered_votes(record, count, kept):
    """The totals of the `kept` judgments of the greatest meta score among the first `count`, an
    earlier judgment before a later one of the same score (MetaRM@k); None where none has one."""
    rows = list(zip(record.get("meta", []), record.get("scores", [])))[:count]
    rated = [(score, row) for score, row in rows if row and score is not None]
    rated.sort(key=lambda each: -each[0])
    return votes({"scores": [row for _, row in rated]}, kept)


def is_changed(early, fixed):
    """Whether a winner of the early run is none of the full run: what the rules' risk bounds."""
    return not set(early["best"]) <= set(fixed["best"])


def vote_share(rows, winner):
    """The share of judgments that put the winner first, a judgment that ties it with others giving
    its part. `rows`: the scores of each judgment."""
    return mean([credit(winner, leaders(row)) for row in rows])


def gap(totals):
    """How far the greatest total is above the next one."""
    first, second = sorted(totals, reverse=True)[:2]
    return first - second


def reliability(points, bins=5, low=0.5, high=1.0):
    """Rows (from, to, n, mean confidence, accuracy) of confidences in bins of one width; a bin
    that nothing falls into has no row. `points`: (confidence, credit)."""
    width, held = (high - low) / bins, [[] for _ in range(bins)]
    for confidence, right in points:
        place = int((confidence - low) / width + 1e-9)
        held[min(bins - 1, max(0, place))].append((confidence, right))
    return [(low + place * width, low + (place + 1) * width, len(inside),
             mean([each[0] for each in inside]), mean([each[1] for each in inside]))
            for place, inside in enumerate(held) if inside]


def calibration_error(points):
    """The expected calibration error: how far accuracy is from confidence, averaged over the bins
    by what they hold (Naeini et al., AAAI 2015)."""
    return sum(count * abs(right - confidence)
               for _, _, count, confidence, right in reliability(points)) / len(points)
