"""What a record of judgments decides; tools/evaluation has the one form of it."""

from evaluation.statistics import credit, is_changed, leaders, votes

__all__ = ["credit", "is_changed", "leaders", "votes"]
