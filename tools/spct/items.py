"""Preference data: one JSON object a line, and what its source says about the responses."""

import hashlib
import json
import random
from dataclasses import dataclass

MIDDLE = 5.5  # of the scale 1 to 10


@dataclass(frozen=True)
class Item:
    """A conversation with responses, of which one is the best or each is good or not."""

    id: str
    source: str
    subset: str
    context: tuple
    responses: tuple
    best: int | None
    label: int | None
    reference: str | None

    @property
    def group(self):
        """The name under which figures are given."""
        if self.source == "t0_pairs":
            return f"{self.source}/{self.subset.split('/')[0]}"
        return self.source

    @property
    def length(self):
        """The characters of the conversation and of the longest response."""
        return sum(len(text) for _, text in self.context) + max(map(len, self.responses))

    def is_good(self, response):
        """Whether a response is the best one, or the single one is labelled good."""
        return response == self.best if self.best is not None else bool(self.label)


def read(path):
    """The items of a file."""
    items = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            items.append(Item(
                id=row["id"],
                source=row["source"],
                subset=row["subset"],
                context=tuple((turn["role"], turn["content"]) for turn in row["context"]),
                responses=tuple(row["responses"]),
                best=row["best"],
                label=row["label"],
                reference=row["reference"],
            ))
    return items


def draws(*key):
    """A random generator that depends on the words of its key alone."""
    digest = hashlib.sha256("\x1f".join(str(part) for part in key).encode()).digest()
    return random.Random(digest)


def mixed(items, shares, count, seed):
    """`count` items in an order in which every stretch has the same mixture of groups.

    `shares` maps a group to how often it is drawn relative to the number of its items; a group that
    it does not name counts 1. No item comes twice before all of its group came once.
    """
    groups = {}
    for item in items:
        groups.setdefault(item.group, []).append(item)
    weights = {name: len(members) * shares.get(name, 1.0) for name, members in groups.items()}
    total = sum(weights.values())
    placed = []
    for name, members in sorted(groups.items()):
        wanted = round(count * weights[name] / total)
        random_ = draws(seed, name)
        row = []
        while len(row) < wanted:
            row += random_.sample(members, len(members))
        # Evenly spread over the whole, each at a random point of its own stretch.
        placed += [((place + random_.random()) / wanted, item)
                   for place, item in enumerate(row[:wanted])]
    return [item for _, item in sorted(placed, key=lambda pair: pair[0])]


def conversation_of(item):
    """The messages in the form of a grm.v1.ScoreRequest."""
    return [{"role": f"ROLE_{role.upper()}", "content": content} for role, content in item.context]
