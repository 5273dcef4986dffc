"""What is minimised: the text of a judgment, its score digits, and who is ahead of whom.

Three terms, each a mean over the rows that have it:

    text   cross-entropy of the target's tokens, the score digits left out
    score  cross-entropy of the score digits against a bell around the score: for a direct answer
           around what the response deserves, after a critique around what the critique says
    rank   for direct answers and behind critiques of the judge's own, from E, the mean of the score
           under the model's distribution over the digits: -log softmax(c E)[best] over the responses
           of an item (Bradley-Terry and its form for lists), and the logistic loss of c (E - 5.5) for
           a single labelled response. Composed critiques are left out: they were written by what is
           known of the item, so that whoever reads one has nothing left to judge
"""

import torch
from torch.nn import functional

from .items import MIDDLE

CRITIQUE_SPREAD = 0.5
RANKED = ("direct", "sampled")


def digit_places(target, count, digits):
    """Where each of the last `count` numbers of a target begins."""
    places, place = [], len(target) - 1
    while place >= 0 and len(places) < count:
        if target[place] in digits:
            while place > 0 and target[place - 1] in digits:
                place -= 1
            places.append(place)
        place -= 1
    if len(places) != count:
        raise ValueError(f"a target: expected {count} scores at its end, found {len(places)}")
    return places[::-1]


def bell(centre, spread):
    """The probability of each first digit 1..9 for a score around a centre; 10 begins with 1."""
    values = torch.arange(1, 11, dtype=torch.float32)
    weights = torch.softmax(-((values - centre) ** 2) / (2 * spread**2), 0)
    return weights[:9] / weights[:9].sum()


def trained_places(tree, example_rows):
    """For each row, the places in the packed batch whose next token is trained."""
    return [tree.places[index][len(row.prompt) - 1 : len(row.prompt) + len(row.target) - 1]
            for index, row in enumerate(example_rows)]


def expected(logits, digit_ids):
    """The mean score under the distribution over the digits 1..9; logits [rows, vocabulary]."""
    shares = logits[:, digit_ids].softmax(-1)
    return shares @ torch.arange(1, 10, dtype=shares.dtype, device=shares.device)


class Losses:
    """The terms of a batch as sums over rows, how many rows each has, and who was judged right."""

    def __init__(self, digits, options):
        """`digits`: the token ids of "0" to "9"."""
        self.digits, self.options = digits, options
        self.sums = {"text": 0.0, "score": 0.0, "rank": 0.0}
        self.rows = dict.fromkeys(self.sums, 0)
        # (group, 1 if the expected scores pick the best or the label, else 0) of each ranked item.
        self.verdicts = []
        # The example of each ranked item, and the expected score of each of its rows.
        self.readings = []

    def add(self, term, value):
        self.sums[term] = self.sums[term] + value
        self.rows[term] += 1

    def means(self):
        """The mean of each term that has rows."""
        return {term: self.sums[term] / rows for term, rows in self.rows.items() if rows}

    def total(self):
        """The weighted sum of the means."""
        weights = {"text": self.options.text_weight, "score": self.options.score_weight,
                   "rank": self.options.rank_weight}
        return sum(weights[term] * mean for term, mean in self.means().items())

    def add_batch(self, examples, logits):
        """Adds examples; `logits` [n, vocabulary] are those of `trained_places`, row after row."""
        start = 0
        for example in examples:
            means = []
            for row in example.rows:
                means.append(self.add_row(example, row, logits[start : start + len(row.target)]))
                start += len(row.target)
            if example.form in RANKED:
                self.add_rank(example, torch.cat(means))

    def add_row(self, example, row, logits):
        """Adds the text and score terms of a row. Returns its expected scores, if it has scores."""
        target = torch.tensor(row.target, device=logits.device)
        each = functional.cross_entropy(logits, target, reduction="none")
        places = digit_places(row.target, len(row.order), set(self.digits)) if row.scores else []
        text = torch.ones_like(each)
        text[places] = 0
        self.add("text", (each * text).sum() / text.sum())
        if not places:
            return None
        digit_ids = torch.tensor(self.digits[1:], device=logits.device)
        is_direct = example.form in ("direct", "list direct")
        for place, response, score in zip(places, row.order, row.scores):
            if not is_direct and score == 10:
                self.add("score", each[place])
                continue
            centre = example.centres[response] if is_direct else score
            spread = self.options.score_spread if is_direct else CRITIQUE_SPREAD
            found = logits[place].log_softmax(-1)[digit_ids]
            self.add("score", -(bell(centre, spread).to(found.device) * found).sum())
        return expected(logits[places], digit_ids)

    def add_rank(self, example, means):
        """Adds the ranking term of an item whose responses were judged one by one."""
        scale = self.options.rank_scale
        if example.best is None:
            label = torch.tensor(float(example.label), device=means.device)
            self.add("rank", functional.binary_cross_entropy_with_logits(
                scale * (means[0] - MIDDLE), label))
            right = (means[0].item() > MIDDLE) == bool(example.label)
        else:
            best = [row.order[0] for row in example.rows].index(example.best)
            target = torch.tensor(best, device=means.device)
            self.add("rank", functional.cross_entropy(scale * means, target))
            right = means.argmax().item() == best
        self.verdicts.append((example.group, float(right)))
        self.readings.append((example, means.tolist()))
