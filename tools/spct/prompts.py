"""Prompts and tokens from the product itself: `grmctl prompts`.

What is trained is what is served: the wording, the frames around what others sent and the tokens of
everything come from grmctl and a version in its store, none from a tokenizer of another library.
"""

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Prompt:
    """One prompt of a request."""

    request: int
    order: tuple
    """The responses that it shows, by their index in the request."""
    tokens: tuple
    end: int
    """The token that ends a turn."""
    targets: tuple
    """The tokens of each text that was asked for."""


def write_lines(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def read(source, requests, targets=None):
    """The prompts of requests, and with `targets` (texts for each request) the tokens of those.

    `source`: settings with `grmctl`, `version` and `state` (or None for grmctl's own default).
    """
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        write_lines(folder / "requests.jsonl", requests)
        command = [source.grmctl, "prompts", str(folder / "requests.jsonl"),
                   "--version", source.version]
        if source.state:
            command += ["--state", source.state]
        if targets is not None:
            write_lines(folder / "targets.jsonl", targets)
            command += ["--targets", str(folder / "targets.jsonl")]
        with open(folder / "prompts.jsonl", "w+", encoding="utf-8") as output:
            done = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, text=True)
            if done.returncode:
                raise ValueError(f"{' '.join(command[:2])}: {done.stderr.strip()}")
            output.seek(0)
            return [parsed(json.loads(line)) for line in output]


def parsed(row):
    """A line of `grmctl prompts`."""
    return Prompt(
        request=row["request"],
        order=tuple(row["order"]),
        tokens=tuple(row["tokens"]),
        end=row["end_token"],
        targets=tuple(tuple(tokens) for tokens in row.get("targets", [])),
    )
