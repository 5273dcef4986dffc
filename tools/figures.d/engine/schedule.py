"""How much a run measures, and how long it may take."""

import time
from dataclasses import dataclass

from engine.peer import Way
from report import say

TOKENS = 128  # of each judgment
QUICK_SECONDS = 285  # of measuring; with the start of the programs below five minutes


@dataclass(frozen=True)
class Schedule:
    """What is measured how often; `prompts[k]` of each length in `lengths`."""

    lengths: tuple
    prompts: dict
    ways: tuple
    way_tokens: int
    scaling: tuple
    quality_prompts: int
    starts: int
    calls: int
    has_large_model: bool


def ways(kinds, unified):
    return tuple(Way(kind, flash, one) for kind in kinds for flash in (False, True)
                 for one in unified)


FULL = Schedule(
    lengths=("800", "short", "300", "1500"), prompts={1: 15, 8: 15, 32: 5},
    ways=ways(("file", "Q4_0", "Q8_0", "BF16"), (True, False)), way_tokens=128,
    scaling=(1, 2, 4, 8, 16, 32, 64), quality_prompts=100, starts=7, calls=9, has_large_model=True)
QUICK = Schedule(
    lengths=("800",), prompts={1: 2, 8: 2, 32: 1},
    ways=(Way("Q4_0", False, True), Way("Q4_0", True, True), Way("Q8_0", False, True),
          Way("BF16", False, True)),
    way_tokens=16, scaling=(1, 4, 16, 64), quality_prompts=16, starts=3, calls=3,
    has_large_model=False)


class Clock:
    """Tells how long the run has lasted and, for a quick one, whether there is time left."""

    def __init__(self, limit_seconds):
        self.begin = time.monotonic()
        self.limit_seconds = limit_seconds

    @property
    def seconds(self):
        return time.monotonic() - self.begin

    def allows(self, seconds=0):
        """Whether something that takes so long would end in time."""
        return self.limit_seconds is None or self.seconds + seconds < self.limit_seconds

    def step(self, text):
        say(f"[{self.seconds:6.0f} s] {text}")
