"""Preference data: items whose best response, or whose goodness, is known."""

import hashlib
import json
import random
from dataclasses import dataclass
from pathlib import Path

FORM = ("an object with id, source, context (a list of role and content), responses (a list of "
        "texts), and best (an index) or label (0 or 1)")


class DataError(Exception):
    """A place in a file that does not say what it should: the file, the place in it (as
    "line 3"), what was expected and what was found."""

    def __init__(self, file, place, expected, found):
        super().__init__(f"{place} of {file}: expected {expected}; found {found}")
        self.file, self.place, self.expected, self.found = file, place, expected, found


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
    subset: str = ""
    reference: object = None  # a right answer, or None

    @property
    def conversation(self):
        return [{"role": role, "content": content} for role, content in self.context]

    @property
    def characters(self):
        return sum(len(content) for _, content in self.context) + sum(map(len, self.responses))

    @property
    def is_choice(self):
        return self.best is not None and len(self.responses) > 1

    @property
    def is_single(self):
        return self.label is not None and len(self.responses) == 1


def item_of(row):
    """The item of an object of a data file; ValueError, KeyError or TypeError where it is none."""
    context = tuple((turn["role"], turn["content"]) for turn in row["context"])
    best, label, responses = row.get("best"), row.get("label"), tuple(row["responses"])
    if not responses or not all(isinstance(each, str) for each in responses):
        raise ValueError(f"responses {row['responses']!r}")
    if best is not None and best not in range(len(responses)):
        raise ValueError(f"best {best!r} of {len(responses)} responses")
    if label not in (None, 0, 1):
        raise ValueError(f"label {label!r}")
    return Item(row["id"], row["source"], context, responses, best, label,
                row.get("subset") or "", row.get("reference"))


def lines_of(file):
    """(place, object) of each line of a file of JSON lines; DataError where a line is none."""
    # Not splitlines: a text may hold other line ends than the one between two objects.
    for number, line in enumerate(text_of(file).split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise DataError(file, f"line {number}", "a JSON object", repr(error)) from error
        yield f"line {number}", row


def text_of(file):
    """What a file says; DataError where it is no text."""
    try:
        return Path(file).read_text("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(file, f"byte {error.start}", "UTF-8", error.reason) from error


def read(file):
    """The items of a file of JSON lines; DataError names the first line that is none."""
    found = []
    for place, row in lines_of(file):
        try:
            found.append(item_of(row))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataError(file, place, FORM, repr(error)) from error
    return found


def shuffled(items, characters, salt):
    """The items that are not longer, in an order that is always the same."""
    fitting = [item for item in items if item.characters <= characters]
    return sorted(fitting, key=lambda item: seed(salt, item.id))


def by_group(items, count, characters, group):
    """At most `count` items (None: all) of each group, always the same ones, the groups by turns:
    whoever stops early has seen all of them. `group`: the name of an attribute of an item."""
    groups = {}
    for item in shuffled(items, characters, "by source"):
        groups.setdefault(group(item), []).append(item)
    chosen = [(place, name, item) for name, members in sorted(groups.items())
              for place, item in enumerate(members[:count])]
    return [item for _, _, item in sorted(chosen, key=lambda each: each[:2])]


def by_source(items, count, characters):
    """At most `count` items of each source, the sources by turns."""
    return by_group(items, count, characters, lambda item: item.source)


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
