"""What is minimised: the text of a judgment, its score digits, and who is ahead of whom.

Three terms, each a mean over the rows that have it:

    text   cross-entropy of the target's tokens, the score digits left out
    score  cross-entropy of the score digits against a bell around the score: for a direct answer
           around what the response deserves, after a critique around what the critique says
    rank   for direct answers, from E, the mean of the score under the model's distribution over the
           digits: -log softmax(c E)[best] over the responses of an item (Bradley-Terry and its form
           for lists), and the logistic loss of c (E - 5.5) for a single labelled response
"""

from dataclasses import dataclass

import torch
from torch.nn import functional

MIDDLE = 5.5


@dataclass
class Losses:
    """The terms of a batch as sums over rows, how many rows each has, and who was judged right."""

    text: torch.Tensor
    text_rows: int
    score: torch.Tensor
    score_rows: int
    rank: torch.Tensor
    rank_rows: int
    verdicts: list
    """(group, 1 if the expected scores pick the best or the label, else 0) of each direct item."""


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


def of_batch(examples, tree, logits, digits, options):
    """The losses of packed examples.

    `logits` [n, vocabulary] are those of `trained_places`, one row after the other; `digits` the token
    ids of "0" to "9".
    """
    zero = logits.sum() * 0
    losses = Losses(zero, 0, zero, 0, zero, 0, [])
    start = 0
    for example in examples:
        means = []
        for row in example.rows:
            own = logits[start : start + len(row.target)]
            start += len(row.target)
            mean = of_row(example, row, own, digits, options, losses)
            if mean is not None:
                means.append(mean)
        if example.form == "direct":
            rank(example, torch.cat(means), options, losses)
    return losses


def of_row(example, row, logits, digits, options, losses):
    """Adds the text and score terms of a row. Returns the expected score of a direct answer."""
    target = torch.tensor(row.target, device=logits.device)
    each = functional.cross_entropy(logits, target, reduction="none")
    places = digit_places(row.target, len(row.order), set(digits)) if row.scores else []
    text = torch.ones_like(each)
    text[places] = 0
    losses.text = losses.text + (each * text).sum() / text.sum()
    losses.text_rows += 1
    if not places:
        return None
    digit_ids = torch.tensor(digits[1:], device=logits.device)
    is_direct = example.form in ("direct", "list direct")
    for place, response, score in zip(places, row.order, row.scores):
        if not is_direct and score == 10:
            losses.score = losses.score + each[place]
        else:
            centre = example.centres[response] if is_direct else score
            wanted = bell(centre, options.score_spread if is_direct else 0.5).to(logits.device)
            found = logits[place].log_softmax(-1)[digit_ids]
            losses.score = losses.score - (wanted * found).sum()
        losses.score_rows += 1
    return expected(logits[places], digit_ids) if example.form == "direct" else None


def rank(example, means, options, losses):
    """Adds the ranking term of an item whose responses were judged one by one."""
    if example.best is None:
        label = torch.tensor(float(example.label), device=means.device)
        preference = options.rank_scale * (means[0] - MIDDLE)
        losses.rank = losses.rank + functional.binary_cross_entropy_with_logits(preference, label)
        right = float((means[0].item() > MIDDLE) == bool(example.label))
    else:
        order = [row.order[0] for row in example.rows]
        best = torch.tensor(order.index(example.best), device=means.device)
        losses.rank = losses.rank + functional.cross_entropy(options.rank_scale * means, best)
        right = float(means.argmax() == best)
    losses.rank_rows += 1
    losses.verdicts.append((example.group, right))
