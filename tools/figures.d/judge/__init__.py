"""The figures of a judge: what training buys, what more judgments buy, and what fools it."""
