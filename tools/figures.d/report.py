"""What every program of figures hands back: measured values with their spread, as a table for
people and as JSON lines for programs."""

import json
import sys
from dataclasses import asdict, dataclass, field
from statistics import median


@dataclass
class Figure:
    """One value; `low` and `high` are the least and the greatest measured."""

    figure: str
    value: float
    unit: str
    low: float
    high: float
    n: int
    target: str = ""
    met: object = None  # True, False, or None where nothing is asked for
    conditions: dict = field(default_factory=dict)

    @classmethod
    def of(cls, name, values, unit, **conditions):
        """The median of measurements."""
        return cls(name, median(values), unit, min(values), max(values), len(values),
                   conditions=conditions)

    def at_least(self, limit):
        self.target, self.met = f">= {limit:g}", self.value >= limit
        return self

    def at_most(self, limit):
        self.target, self.met = f"<= {limit:g}", self.value <= limit
        return self


class Report:
    """The figures of a run, told as they come and kept for the end."""

    def __init__(self):
        self.figures = []
        self.left_out = []  # (figure, reason)

    def add(self, figure):
        self.figures.append(figure)
        say(f"    {figure.figure}: {number(figure.value)} {figure.unit}"
            + (f"  (to reach: {figure.target})" if figure.target else ""))
        return figure

    def leave_out(self, figure, reason):
        self.left_out.append((figure, reason))
        say(f"    {figure}: not measured: {reason}")

    def write_json(self, path, **conditions):
        """One object a line; `conditions` are those that all figures of the run share."""
        with open(path, "w", encoding="utf-8") as file:
            for figure in self.figures:
                line = asdict(figure)
                line["conditions"] = {**line["conditions"], **conditions}
                file.write(json.dumps(line) + "\n")

    def table(self):
        """Every figure as a line of a Markdown table; what was not measured comes last."""
        head = ["figure", "value", "least - most", "n", "to reach", "reached"]
        rows = [[each.figure, f"{number(each.value)} {each.unit}".strip(),
                 f"{number(each.low)} - {number(each.high)}", str(each.n), each.target or "-",
                 {True: "yes", False: "NO", None: "-"}[each.met]] for each in self.figures]
        rows += [[name, "-", "-", "0", "-", f"not measured: {why}"] for name, why in self.left_out]
        return table([head] + rows)

    def shortfalls(self):
        return [each for each in self.figures if each.met is False]


def table(rows):
    """Rows of text as an aligned Markdown table; the first one is the head."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |"
             for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def number(value):
    """About three significant digits; whole numbers as they are."""
    if value == int(value):
        return f"{int(value):,}"
    if value != 0 and abs(value) < 0.001:
        return f"{value:.2e}"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 4
    return f"{value:,.{digits}f}"


def say(text):
    """A line about what is being done, for people who watch."""
    print(text, file=sys.stderr, flush=True)


class FiguresFailure(Exception):
    """A measurement that cannot be made on this machine, and why."""
