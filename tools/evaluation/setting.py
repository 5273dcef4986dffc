"""How items are judged."""

from dataclasses import dataclass


class EvaluationFailure(Exception):
    """What keeps a judge from being measured, and what to do about it."""


@dataclass(frozen=True)
class Setting:
    """How items are judged: one request each, at the greatest of `counts`; draws share their first
    judgments, so that the votes of fewer are those of the first ones."""

    mode: object = None  # None: the deployment's own way
    readout: object = None
    counts: tuple = (1,)
    tokens: object = None  # of a judgment, 0 for none before the scores; None: the deployment's own
    temperature: object = None
    meta: object = None  # how many of the most judgments the meta score keeps; None: no filter
    stopping: str = "fixed"
    risk: object = None  # of a changed decision, for guaranteed and predicted stopping
    has_reference: bool = False  # whether the judge sees an item's reference
    principles: tuple = ()
    reuse: object = None  # of stored principles: read, read_write
    hostile: object = None  # the policy for responses that speak to the judge

    @property
    def most(self):
        return max(self.counts)

    @property
    def is_fixed(self):
        return self.stopping == "fixed"

    def options(self, count=None):
        """What a request says beside the item's texts."""
        count = count or self.most
        return {"mode": self.mode, "readout": self.readout, "k": count,
                "k_min": count if self.is_fixed else None, "k_meta": self.meta,
                "stopping": self.stopping, "stop_risk": self.risk,
                "temperature": self.temperature, "max_judgment_tokens": self.tokens,
                "principles": self.principles, "principle_reuse": self.reuse,
                "hostile_inputs": self.hostile}
