"""Target texts for the first tuning, composed from what the data says.

A target says what a good judge would have written: criteria that belong to the task, what is wrong or
right about the response with words quoted from it, and scores that agree with which response is
better. Flaws that were put in on purpose score low, near ties score close to each other.
"""

import re
from dataclasses import dataclass

from . import nulls, wording
from .items import draws


@dataclass(frozen=True)
class Kind:
    """What an item of a source is about, and what sets its responses apart."""

    task: str
    flaw: str
    good: float
    bad: float


CONSTRUCTED = {"echo": 2.0, "loop": 2.0, "noise": 2.3, "offtopic": 1.5, "refusal": 2.0,
               "shuffled": 2.0, "truncated": 4.0}
KINDS = {
    "blimp_pairs": Kind("grammar", "grammar", 8.0, 3.5),
    "gsm8k_corrupted_train": Kind("arithmetic", "arithmetic", 8.0, 3.5),
    "math_word_outputs": Kind("arithmetic", "mistake", 8.0, 3.0),
    "mcq_lists": Kind("choice", "choice", 8.0, 3.0),
    nulls.SOURCE: Kind("general", "empty", 8.0, 1.2),
    "rasbt_tone": Kind("tone", "rude", 8.5, 2.0),
    "truthfulqa_judge": Kind("truth", "falsehood", 8.0, 3.0),
    "truthfulqa_lists": Kind("truth", "falsehood", 8.0, 3.0),
    "ultrafeedback_sample": Kind("chat", "weak", 7.0, 4.5),
}


def kind_of(item):
    """The kind of an item, by its source and subset."""
    top, _, rest = item.subset.partition("/")
    if item.source == "constructed_quality":
        return Kind("general", rest, 8.0, CONSTRUCTED[rest])
    if item.source == "t0_pairs":
        return Kind("label", "offtopic" if top == "offtopic" else "label", 8.0,
                    1.7 if top == "offtopic" else 3.0)
    if item.source == "hh_rlhf":
        return (Kind("safety", "harmful", 6.7, 4.3) if top.startswith("harmless")
                else Kind("chat", "weak", 6.7, 4.5))
    if item.source in KINDS:
        return KINDS[item.source]
    raise ValueError(f"{item.id}: expected a source that compose knows, found {item.source}")


def centres(item):
    """The score that each response deserves, before noise."""
    kind = kind_of(item)
    return [kind.good if item.is_good(index) else kind.bad for index in range(len(item.responses))]


def scores(item, random, highest=10):
    """Whole scores around the centres, the best strictly first."""
    best = item.best
    while True:
        drawn = [min(highest, max(1, round(random.gauss(centre, 0.9)))) for centre in centres(item)]
        if best is None or all(drawn[best] > score
                               for index, score in enumerate(drawn) if index != best):
            return drawn


def quote(text, random, most_words=6):
    """A few words of a text, from the beginning more often than from elsewhere."""
    words = re.sub(r"[\"\\{}\[\]]", " ", text).split()
    if not words:
        return "..."
    count = min(len(words), random.randint(3, most_words))
    start = 0 if random.random() < 0.4 else random.randint(0, len(words) - count)
    return " ".join(words[start : start + count])[:48].strip()


def telling_quote(item, index, random):
    """Words of a response that show its flaw, where the other response gives them away."""
    if kind_of(item).flaw in ("arithmetic", "grammar") and item.best is not None:
        other = item.responses[item.best].split()
        words = item.responses[index].split()
        for place, (mine, theirs) in enumerate(zip(words, other)):
            if mine != theirs:
                start = max(0, place - 3)
                return quote(" ".join(words[start : place + 2]), random, 6)
    return quote(item.responses[index], random)


def criteria(item, random):
    """Two or three criteria with weights that add up to 100: [(name, text, weight)]."""
    pool = wording.CRITERIA[kind_of(item).task]
    count = min(len(pool), 2 if random.random() < 0.75 else 3)
    # The first of a pool is what the task is about; it is seldom left out.
    first = pool[0] if random.random() < 0.8 else random.choice(pool)
    others = random.sample([entry for entry in pool if entry is not first], count - 1)
    if count == 2:
        weight = random.choice([50, 55, 60, 65, 70, 75, 80])
        weights = [weight, 100 - weight]
    else:
        weights = random.choice([[50, 30, 20], [40, 40, 20], [60, 20, 20], [45, 30, 25]])
    return [(name, random.choice(texts), weight)
            for (name, texts), weight in zip([first, *others], weights)]


def criteria_lines(chosen):
    """Criteria as the judge writes them."""
    return "".join(f"{number}. {name} (weight {weight}%): {text}\n"
                   for number, (name, text, weight) in enumerate(chosen, 1))


def remark(item, index, number, score, random):
    """A sentence or two about a response that is shown as `number`."""
    kind = kind_of(item)
    good = item.is_good(index)
    names = wording.NAMES if len(item.responses) == 1 or number is None else wording.LIST_NAMES
    name = random.choice(names).format(n=number or 1)
    pool = wording.PRAISE[kind.task] if good else wording.CLAIMS[kind.flaw]
    words = quote(item.responses[index], random) if good else telling_quote(item, index, random)
    claim = random.choice(pool)
    if number is not None and "{r}" not in claim:
        claim = "in {r}, " + claim
    claim = claim.format(r=name, q=words)
    sentence = claim[0].upper() + claim[1:] + "."
    if random.random() < 0.5:
        level = "low" if score <= 4 else "middle" if score <= 6 else "high"
        sentence += " " + random.choice(wording.TRAILS[level])
    return sentence


def analysis(item, order, drawn, random):
    """The critique, from behind "Analysis:" and its line break to the end of the score line."""
    single = len(order) == 1
    remarks = [remark(item, index, None if single else place, drawn[index], random)
               for place, index in enumerate(order, 1)]
    boxed = ", ".join(str(drawn[index]) for index in order)
    return " ".join(remarks) + f"\nScores: \\boxed{{{boxed}}}"


def critique(item, order, seed, given=None):
    """What a judge writes about the responses of `order`, behind "Criteria:" or, with criteria
    given, behind "Analysis:". Returns (text, scores by response)."""
    # Scores and criteria belong to the item, so that its prompts agree with each other.
    drawn = scores(item, draws(seed, "scores", item.id))
    body = analysis(item, order, drawn, draws(seed, "analysis", item.id, order))
    if given is not None:
        return body, drawn
    lines = criteria_lines(criteria(item, draws(seed, "criteria", item.id)))
    return f"{lines}Analysis:\n{body}", drawn


def direct(item, order, seed):
    """What a judge writes behind "Scores: \\boxed{" without a critique. Returns (text, scores)."""
    # The read-out of a whole score is one digit wide: 10 is left to critiques.
    drawn = scores(item, draws(seed, "scores", item.id), highest=9)
    return ", ".join(str(drawn[index]) for index in order) + "}", drawn
