"""`spct reject`: which sampled judgments are worth learning from (Eq. 10), as examples for `spct rft`.

A judgment is right if the best response has strictly the highest score, or, for a single response, if
its score is on the label's side of the middle of the scale. Judgments that are wrong, truncated or
not scored are dropped, and so are all of an item of which every judgment is right: it is too easy.
Hinted judgments are kept even then, since the hint made them easy; the hint is not in the prompt that
is trained on.
"""

import itertools
import json
from collections import Counter

from . import examples, items, prompts
from .items import MIDDLE
from .settings import required


def is_right(item, scores):
    """Whether a judgment's scores agree with what is known of the item (Eq. 10)."""
    if len(scores) != len(item.responses):
        return False
    if item.best is None:
        return (scores[0] > MIDDLE) == bool(item.label) and scores[0] != MIDDLE
    return all(scores[item.best] > score
               for index, score in enumerate(scores) if index != item.best)


def shares_right(item, judgments, among=None, most=8):
    """For each part of each judgment, one after the other: the share of right judgments among those that
    it makes with the other parts of the first `most` of `among` (the judgments themselves if None); 0
    where there are no scores. With n parts, up to most ** (n - 1) judgments each."""
    scored = [each for each in (judgments if among is None else among) if each["scores"]]

    def share(judgment, order):
        own = {index: judgment["scores"][index] for index in order}
        others = [[{index: each["scores"][index] for index in other["order"]} for each in scored[:most]]
                  for other in judgment["parts"] if other["order"] != order]
        made = [dict(entry for part in (own, *rest) for entry in part.items())
                for rest in itertools.product(*others)]
        return sum(is_right(item, [each[index] for index in sorted(each)]) for each in made) / len(made)

    return [share(judgment, part["order"]) if judgment["scores"] else 0.0
            for judgment in judgments for part in judgment["parts"]]


def chosen(item, line):
    """(the judgments of a line to learn from, what became of it in a word)."""
    judgments = line["judgments"]
    if not judgments:
        return [], "failed"
    right = [each for each in judgments if is_right(item, each["scores"])]
    if not right:
        return [], "never right"
    if len(right) == len(judgments) and not line["hinted"]:
        return [], "too easy"
    kept = [each for each in right if not any(part["truncated"] for part in each["parts"])]
    return kept, "kept" if kept else "truncated"


def requests_of(item, line):
    """The request whose prompts the judgments saw, less the hint."""
    return {
        "conversation": items.conversation_of(item),
        "responses": [{"content": text} for text in item.responses],
        "mode": f"JUDGING_MODE_{line['mode'].upper()}",
        "readout": "SCORE_READOUT_SAMPLED",
        "k_max": line["k"],
        "max_judgment_tokens": line["max_judgment_tokens"],
        "seed": str(line["seed"]),
    }


def example_of(item, line, judgment, found):
    """A judgment as an example; `found`: the prompts of its line by their order."""
    rows = []
    for part in judgment["parts"]:
        prompt = found[tuple(part["order"])]
        scores = [round(judgment["scores"][index]) for index in part["order"]]
        rows.append(examples.Row(part["order"], list(prompt.tokens),
                                 [*part["tokens"], prompt.end], scores))
    form = "sampled" if line["mode"] == "isolated" else "list"
    centres = [float(score) for score in judgment["scores"]]
    return examples.Example(item.id, item.group, form, item.best, item.label, centres, rows)


def main(settings):
    options = settings.reject
    known = {item.id: item for item in items.read(required(settings.sample.items, "sample.items"))}
    fates, kept, counts = Counter(), [], Counter()
    with open(required(settings.sample.output, "sample.output"), encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            item = known[line["item"]]
            judgments, fate = chosen(item, line)
            fates[fate] += 1
            for judgment in line["judgments"]:
                counts[item.group, is_right(item, judgment["scores"])] += 1
            # A few judgments of one item are enough: they say much the same.
            kept += [(item, line, judgment) for judgment in judgments[: options.most]]
    fate_text = ", ".join(f"{fate} {count}" for fate, count in sorted(fates.items()))
    if not kept:
        raise ValueError(f"{settings.sample.output}: expected an item with a right judgment and a wrong "
                         f"one, found {fate_text or 'no items'}; sample more items, or a higher k")
    found = {}
    for prompt in prompts.read(settings.source, [requests_of(item, line) for item, line, _ in kept]):
        found.setdefault(prompt.request, {})[prompt.order] = prompt
    output = required(options.output, "reject.output")
    examples.write(output, [example_of(item, line, judgment, found[index])
                            for index, (item, line, judgment) in enumerate(kept)])
    examples.write_meta(settings.source, output)
    print(fate_text)
    for group in sorted({group for group, _ in counts}):
        right, wrong = counts[group, True], counts[group, False]
        print(f"{group:<28}{right + wrong:6} judgments  {right / (right + wrong):6.1%} right")
