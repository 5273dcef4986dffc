"""The folder of a run: metrics as JSON lines, checkpoints that a kill cannot break, a plot."""

import json
import os
from pathlib import Path

import torch

from . import plot


class Run:
    """`metrics.jsonl`, `checkpoint.pt` (the newest), `plot.svg` in one folder.

    Of several processes that train together one `writes`; the others only read.
    """

    def __init__(self, folder, writes=True):
        self.folder, self.writes = Path(folder), writes
        self.folder.mkdir(parents=True, exist_ok=True)
        self.metrics = self.folder / "metrics.jsonl"
        self.checkpoint = self.folder / "checkpoint.pt"

    def newest(self):
        """The newest checkpoint, or None."""
        if not self.checkpoint.exists():
            return None
        # Several processes read it, and each has a GPU of its own.
        return torch.load(self.checkpoint, weights_only=True, map_location="cpu")

    def resume(self):
        """The newest checkpoint, or None. Metrics of steps after it are dropped: they come again."""
        state = self.newest()
        if not self.writes:
            return state
        if state is None:
            self.metrics.unlink(missing_ok=True)
            return None
        kept = [line for line in self.lines() if line["step"] <= state["step"]]
        whole = "".join(json.dumps(line) + "\n" for line in kept)
        replace(self.metrics, lambda path: path.write_text(whole))
        return state

    def save(self, state):
        """Puts a checkpoint in the place of the last one, or leaves the last one."""
        if self.writes:
            replace(self.checkpoint, lambda path: torch.save(state, path))

    def log(self, **values):
        """Adds a line of metrics."""
        if not self.writes:
            return
        with open(self.metrics, "a", encoding="utf-8") as file:
            file.write(json.dumps(values) + "\n")

    def lines(self):
        """The metrics so far; a line that a kill cut off is left out."""
        if not self.metrics.exists():
            return []
        found = []
        for line in self.metrics.read_text().splitlines():
            try:
                found.append(json.loads(line))
            except json.JSONDecodeError:
                break
        return found

    def draw(self, names):
        """Draws the named metrics against the steps."""
        if not self.writes:
            return
        curves = {name: [(line["step"], line[name]) for line in self.lines()
                         if line.get(name) is not None] for name in names}
        picture = plot.picture({name: points for name, points in curves.items() if points})
        replace(self.folder / "plot.svg", lambda path: path.write_text(picture))


def replace(path, write):
    """Writes a file beside another and renames it over it."""
    beside = path.with_name(path.name + ".new")
    write(beside)
    with open(beside, "rb") as file:
        os.fsync(file.fileno())
    os.replace(beside, path)
