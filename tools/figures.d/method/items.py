"""The preference data that the figures are measured on."""

import hashlib
import json
import random
from dataclasses import dataclass
from pathlib import Path

from report import FiguresFailure

EXPECTED = ("--data DIR: a folder with dev.jsonl and eval/*.jsonl, on each line an object with id, "
            "source, context (role and content), responses, and best (an index) or label (0 or 1)")


@dataclass(frozen=True)
class Item:
    """A conversation and responses of which it is known which is best, or one and whether it is
    good."""

    id: str
    source: str
    context: tuple  # of (role, content)
    responses: tuple
    best: object  # index or None
    label: object  # 0, 1 or None

    @property
    def conversation(self):
        return [{"role": role, "content": content} for role, content in self.context]

    @property
    def characters(self):
        return sum(len(content) for _, content in self.context) + sum(map(len, self.responses))

    @property
    def is_choice(self):
        return self.best is not None and len(self.responses) > 1


def load(folder):
    """All items of dev.jsonl and eval/."""
    if folder is None:
        raise FiguresFailure(f"expected {EXPECTED}; found no --data")
    folder = Path(folder)
    files = [folder / "dev.jsonl", *sorted((folder / "eval").glob("*.jsonl"))]
    if not files[0].is_file():
        raise FiguresFailure(f"expected {EXPECTED}; found no {files[0]}")
    found = []
    for file in files:
        # Not splitlines: a text may hold other line ends than the one between two objects.
        for number, line in enumerate(file.read_text("utf-8").split("\n"), 1):
            if not line:
                continue
            try:
                found.append(_item(json.loads(line)))
            except (ValueError, KeyError, TypeError) as error:
                raise FiguresFailure(f"line {number} of {file}: expected {EXPECTED}; "
                                     f"found {error!r}") from error
    return found


def _item(row):
    context = tuple((turn["role"], turn["content"]) for turn in row["context"])
    return Item(row["id"], row["source"], context, tuple(row["responses"]), row.get("best"),
                row.get("label"))


def shuffled(items, characters, salt):
    """The items that are not longer, in an order that is always the same."""
    fitting = [item for item in items if item.characters <= characters]
    return sorted(fitting, key=lambda item: seed(salt, item.id))


def by_source(items, count, characters):
    """At most `count` items of each source, always the same ones, the sources by turns: whoever
    stops early has seen all of them."""
    groups = {}
    for item in shuffled(items, characters, "by source"):
        groups.setdefault(item.source, []).append(item)
    chosen = [(place, source, item) for source, group in sorted(groups.items())
              for place, item in enumerate(group[:count])]
    return [item for _, _, item in sorted(chosen, key=lambda each: each[:2])]


def conversations(items, count, characters, salt):
    """Choices on `count` different conversations."""
    chosen, seen = [], set()
    for item in shuffled((each for each in items if each.is_choice), characters, salt):
        if item.context not in seen and len(chosen) < count:
            seen.add(item.context)
            chosen.append(item)
    return chosen


def seed(*parts):
    """A number of 63 bits that depends on the parts alone."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def numbers(*parts):
    """Random numbers that depend on the parts alone."""
    return random.Random(seed(*parts))
