"""The preference data that the figures are measured on."""

from pathlib import Path

from evaluation.items import (FORM, DataError, Item, by_source, conversations, numbers, read, seed,
                              shuffled)
from report import FiguresFailure

__all__ = ["DataError", "Item", "by_source", "conversations", "load", "numbers", "seed", "shuffled"]

EXPECTED = f"--data DIR: a folder with dev.jsonl and eval/*.jsonl, on each line {FORM}"


def load(folder):
    """All items of dev.jsonl and eval/."""
    return [item for file in files(folder) for item in items_of(file)]


def files(folder):
    """dev.jsonl and the files of eval/."""
    if folder is None:
        raise FiguresFailure(f"expected {EXPECTED}; found no --data")
    folder = Path(folder)
    found = [folder / "dev.jsonl", *sorted((folder / "eval").glob("*.jsonl"))]
    if not found[0].is_file():
        raise FiguresFailure(f"expected {EXPECTED}; found no {found[0]}")
    return found


def items_of(file):
    """The items of one of them."""
    try:
        return read(file)
    except DataError as error:
        raise FiguresFailure(f"{error.place} of {error.file}: expected {EXPECTED}; "
                             f"found {error.found}") from error
