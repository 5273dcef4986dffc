"""Figures of judged items: accuracy, area, ties, position, calibration, cost, failures.

An item without a verdict is counted as not right, and counted apart as well: a choice gets no
credit, a good response ranks below all others, and one that is not good above them.
"""

import math
from collections import Counter
from dataclasses import dataclass
from functools import partial

from evaluation.statistics import (auc, bootstrap, calibration_error, credit, filtered_votes, gap,
                                   leaders, mean, reliability, vote_share, votes, wilson)
from report import Figure

# The greatest gap between two scores, by the way of judging; the others have no greatest one.
WIDEST_GAP = {"list": 9, "isolated": 9, "pairwise": 1, "token_probability": 1}


@dataclass(frozen=True)
class Row:
    """A way to count a record's judgments: the first `count` of them, of which the meta score
    keeps `kept` (None: all)."""

    series: str
    count: int
    kept: object = None

    def __str__(self):
        return f"{self.series}@{self.count}"

    def totals(self, record):
        """The total of each response; None without a verdict."""
        if self.kept is None:
            return votes(record, self.count)
        return filtered_votes(record, self.count, self.kept)


def rows_of(setting):
    """The votes of each count, and beside each the same judgments filtered by their meta score:
    the setting's own number of the most, half of fewer."""
    if not setting.is_fixed:
        return [Row(f"{setting.stopping} stopping", setting.most)]
    series = "greedy" if setting.temperature == 0 else "Voting"
    rows = [Row(series, count) for count in setting.counts]
    if setting.meta is not None:
        rows += [Row("MetaRM", count, setting.meta if count == setting.most else count // 2)
                 for count in setting.counts if count > 1]
    return rows


@dataclass(frozen=True)
class Scored:
    """An item, what is kept of its verdict, and the totals that a row makes of it (or None)."""

    item: object
    record: dict
    totals: object

    @property
    def credit(self):
        return credit(self.item.best, leaders(self.totals)) if self.totals else 0.0

    @property
    def rated(self):
        """(mean score, is good) of a single response."""
        is_good = self.item.label == 1
        if not self.totals:
            return (-math.inf if is_good else math.inf), is_good
        counted = sum(1 for row in self.record["scores"] if row)
        return self.totals[0] / max(1, counted), is_good


def scored(judged, row):
    """The items as a row counts them. `judged`: (item, record)."""
    found = []
    for item, record in judged:
        # Of a single response the mean counts: judgments that were lost are no low scores.
        shown = {**record, "scores": record.get("scores", [])[:row.count]}
        found.append(Scored(item, shown, row.totals(record)))
    return found


def ratio(pairs):
    """The share of hits, in %; None of nothing. `pairs`: (hits, of how many)."""
    total = sum(count for _, count in pairs)
    return 100 * sum(hits for hits, _ in pairs) / total if total else None


def percent(values):
    return 100 * mean(values)


def figure(name, unit, values, statistic):
    """A figure with its bootstrap interval; None where nothing can be said."""
    value = statistic(values) if values else None
    if value is None:
        return None
    low, high = bootstrap(values, statistic)
    return Figure(name, value, unit, low, high, len(values))


def quality(members):
    """What is right among items: the figures that are also given by source."""
    choices = [each for each in members if each.item.is_choice]
    pairs = [each for each in choices if len(each.item.responses) == 2]
    lists = [each for each in choices if len(each.item.responses) > 2]
    decided = [each for each in choices if each.totals]
    singles = [each.rated for each in members if each.item.is_single]
    found = [figure("accuracy", "%", [each.credit for each in choices], percent)]
    if pairs and lists:
        found += [figure("accuracy of pairs", "%", [each.credit for each in pairs], percent),
                  figure("Best-of-N accuracy", "%", [each.credit for each in lists], percent)]
    found += [figure("chance", "%", [1 / len(each.item.responses) for each in choices], percent),
              figure("ties", "%", [len(leaders(each.totals)) > 1 for each in decided], percent),
              figure("ROC-AUC", "", singles, auc)]
    return [each for each in found if each is not None]


def cost(members, row, is_most):
    """What the judgments cost, and how they ended. Prompts and seconds are those of the request,
    which drew the most judgments."""
    answered = [each.record for each in members if "error" not in each.record]
    texts = [record["texts"][:row.count] for record in answered]
    found = [
        figure("texts not parsed", "%", [totals_of(each, 1) for each in texts], ratio),
        figure("texts cut short", "%", [totals_of(each, 2) for each in texts], ratio),
        figure("mean k", "", [min(row.count, record["k"]) for record in answered], mean),
        figure("generated tokens an item", "",
               [sum(record["tokens"][:row.count]) for record in answered], mean)]
    if is_most:
        found += [figure("prompt tokens an item", "", [each["prompt"] for each in answered], mean),
                  figure("seconds an item", "s", [each["seconds"] for each in answered], mean)]
    return [each for each in found if each is not None]


def totals_of(texts, place):
    return sum(each[place] for each in texts), sum(each[0] for each in texts)


def failures(members):
    """The share of items without a verdict, by the kind of failure."""
    kinds = Counter(each.record.get("error", "no_judgment_counted") for each in members
                    if not each.totals)
    found = []
    for name, count in [("all", sum(kinds.values())), *sorted(kinds.items())]:
        low, high = wilson(count, len(members))
        found.append(Figure(f"failures: {name}", 100 * count / len(members), "%", 100 * low,
                            100 * high, len(members), conditions={"count": count}))
    return found


def first_position(members):
    """How often the response that is shown first wins a judgment of a pair; 50% without a
    preference for a place."""
    shares = []
    for each in members:
        if each.item.is_choice and len(each.item.responses) == 2:
            shown = [(row, first) for row, first in
                     zip(each.record.get("scores", []), each.record.get("first", []))
                     if row and first is not None and row[0] != row[1]]
            shares.append((sum(leaders(row) == [first] for row, first in shown), len(shown)))
    return figure("first position wins", "%", [each for each in shares if each[1]], ratio)


def position_effect(members, turned):
    """The share of decisions that are others when the responses are given the other way round.
    `turned`: the same items so judged."""
    other = {each.item.id: each.totals for each in turned if each.totals}
    changed = []
    for each in members:
        if each.totals and each.item.is_choice and each.item.id in other:
            back = leaders(other[each.item.id][::-1])
            changed.append(leaders(each.totals) != back)
    return figure("decisions that change with the order", "%", changed, percent)


def confidences(members, row):
    """(confidence, credit) of pairs: of several judgments, the share that votes for the winner; of
    one, 1/2 and half the gap of its scores over the widest that there is. Both lie between 1/2
    and 1. A winner that ties has 1/2."""
    points = []
    for each in members:
        if not each.item.is_choice or len(each.item.responses) != 2 or not each.totals:
            continue
        leading = leaders(each.totals)
        rows = [scores for scores in each.record["scores"] if scores]
        widest = WIDEST_GAP.get(each.record["mode"])
        if len(leading) > 1:
            points.append((0.5, each.credit))
        elif row.count > 1:
            points.append((max(0.5, vote_share(rows, leading[0])), each.credit))
        elif widest is not None:
            points.append((0.5 + gap(each.totals) / widest / 2, each.credit))
    return points


def calibration(members, row):
    """The expected calibration error, with its reliability table among the conditions."""
    points = confidences(members, row)
    found = figure("calibration error", "", points, calibration_error)
    if found is not None:
        found.conditions = {"confidence": "vote share" if row.count > 1 else "score gap",
                            "reliability": [[round(value, 4) for value in each]
                                            for each in reliability(points)]}
    return found


def figures_of(setting, judged, turned=(), group=lambda item: item.source):
    """All figures of judged items: for each row overall, then its quality by group. Each has its
    row and group ("": all items) among its conditions."""
    found = []
    for row in rows_of(setting):
        members = scored(judged, row)
        others = [first_position(members),
                  position_effect(members, scored(turned, row)) if turned else None,
                  calibration(members, row)]
        here = (quality(members) + [each for each in others if each is not None]
                + cost(members, row, row.count == setting.most) + failures(members))
        found += map(partial(placed, row, ""), here)
        names = sorted({group(each.item) for each in members})
        for name in names if len(names) > 1 else []:
            inside = [each for each in members if group(each.item) == name]
            found += map(partial(placed, row, name), quality(inside) + failures(inside)[:1])
    return found


def placed(row, group, found):
    """The figure with its row and group among its conditions."""
    found.conditions = {"row": str(row), "series": row.series, "k": row.count, "group": group,
                        **found.conditions}
    return found


def credits_of(judged, row):
    """{id: credit} of the choices, for comparisons of judges on the same items."""
    return {each.item.id: each.credit for each in scored(judged, row) if each.item.is_choice}


def means_of(judged, row):
    """{(source, subset): accuracy in %} of the choices, for what a benchmark's authors add up."""
    held = {}
    for each in scored(judged, row):
        if each.item.is_choice:
            held.setdefault((each.item.source, each.item.subset), []).append(each.credit)
    return {name: percent(values) for name, values in held.items()}
