"""What a measurement on a sample says of all; tools/evaluation has the one form of it."""

from evaluation.statistics import auc, bootstrap, mean, percentile, wilson

__all__ = ["auc", "bootstrap", "mean", "percentile", "wilson"]
