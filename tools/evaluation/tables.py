"""The figures as Markdown tables."""

from report import number, table


def tables(figures):
    """A table of all items, one by group, the reliability of confidences, each under its title."""
    parts = [("All items: value and 95% interval", overall(figures)),
             ("By group: accuracy in %, or ROC-AUC of single responses", by_group(figures)),
             ("Reliability of the row with the most judgments", reliability(figures))]
    return "\n\n".join(f"{title}\n\n{table(rows)}" for title, rows in parts if len(rows) > 1)


def cell(figure):
    """A value with its interval; "-" without one."""
    if figure is None:
        return "-"
    return f"{number(figure.value)} ({number(figure.low)} - {number(figure.high)})"


def overall(figures):
    """A line for each figure, a column for each row."""
    everything = [each for each in figures if each.conditions["group"] == ""]
    rows = list(dict.fromkeys(each.conditions["row"] for each in everything))
    known = {(each.figure, each.conditions["row"]): each for each in everything}
    lines = [["figure", "n", *rows]]
    for name in dict.fromkeys(each.figure for each in everything):
        members = [known.get((name, row)) for row in rows]
        first = next(each for each in members if each is not None)
        unit = f", {first.unit}" if first.unit else ""
        lines.append([name + unit, str(first.n), *map(cell, members)])
    return lines


def by_group(figures):
    """A line for each group and quality figure, a column for each row."""
    shown = [each for each in figures if each.conditions["group"]
             and each.figure in ("accuracy", "ROC-AUC")]
    rows = list(dict.fromkeys(each.conditions["row"] for each in shown))
    known = {(each.conditions["group"], each.figure, each.conditions["row"]): each
             for each in shown}
    chance = {each.conditions["group"]: each for each in figures if each.figure == "chance"}
    lines = [["group", "figure", "n", "chance", *rows]]
    for group, name in dict.fromkeys(key[:2] for key in known):
        members = [known.get((group, name, row)) for row in rows]
        first = next(each for each in members if each is not None)
        level = number(chance[group].value) if name == "accuracy" else "0.5"
        lines.append([group, name, str(first.n), level, *map(cell, members)])
    return lines


def reliability(figures):
    """How often the judge is right where it is so sure, of the row with the most judgments."""
    lines = [["confidence", "n", "mean confidence", "accuracy"]]
    known = [each for each in figures
             if each.figure == "calibration error" and each.conditions["group"] == ""]
    if known:
        most = max(known, key=lambda each: each.conditions["k"])
        lines[0][0] = f"confidence by {most.conditions['confidence']}"
        for low, high, count, confidence, right in most.conditions["reliability"]:
            lines.append([f"{low:.2f} - {high:.2f}", str(count), f"{confidence:.3f}",
                          f"{right:.3f}"])
    return lines
