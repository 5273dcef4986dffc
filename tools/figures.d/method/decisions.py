"""What a record of judgments decides."""


def leaders(totals):
    """The indexes that share the greatest total."""
    greatest = max(totals)
    return [index for index, total in enumerate(totals) if total == greatest]


def credit(best, leading):
    """1 for the right winner, shared among those that tie: what a random choice among them gets."""
    return 1 / len(leading) if best in leading else 0.0


def votes(record, count):
    """The totals of the first `count` judgments; None where none of them counts."""
    rows = [row for row in record.get("scores", [])[:count] if row]
    return [sum(column) for column in zip(*rows)] if rows else None


def is_changed(early, fixed):
    """Whether a winner of the early run is none of the full run: what the rules' risk bounds."""
    return not set(early["best"]) <= set(fixed["best"])
