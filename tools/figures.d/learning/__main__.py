"""tools/figures learning: what more training brings, from the metrics that `spct rft` leaves."""

import json
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools"))

from evaluation.curve import picture  # noqa: E402
from evaluation.statistics import wilson  # noqa: E402
from options import parsed  # noqa: E402
from report import Figure, FiguresFailure, Report  # noqa: E402

RUNS = ROOT / ".build" / "train"
STAGES = ("warm", "judge", "more", "last", "round-1", "round-2", "round-3")
FIRST = 50  # thousand tokens; each stretch ends at twice the end of the one before
LEAST = 20  # items of a source in a stretch
DRAWN = ("rasbt_tone", "blimp_pairs", "truthfulqa_judge", "gsm8k_corrupted_train",
         "math_word_outputs", "hh_rlhf")


def add_options(parser):
    parser.add_argument("runs", metavar="FOLDER", nargs="*", type=Path,
                        help="folders of `spct rft`, in the order in which one begins where another "
                        "ended (default: what the shipped judge's `remake` leaves)")
    parser.add_argument("--curve", metavar="FILE.svg", type=Path, help="draw the shares")


def judged(folders):
    """(thousand packed tokens trained before it was judged, source, 1 if right else 0) of each item
    that a step trained on, which was judged before that step."""
    trained = 0
    for folder in folders:
        path = folder / "metrics.jsonl"
        if not path.exists():
            raise FiguresFailure(f"expected {path}, which `spct rft` writes; found none")
        for line in path.read_text(encoding="utf-8").splitlines():
            step = json.loads(line)
            for group, right in step.get("verdicts") or []:
                yield trained / 1000, group.split("/")[0], right
            trained += step.get("tokens", 0)


def stretches(rows):
    """{source: {end in thousand tokens: [right]}}"""
    found = {}
    for tokens, source, right in rows:
        end = FIRST
        while end <= tokens:
            end *= 2
        found.setdefault(source, {}).setdefault(end, []).append(right)
    return found


def shares(found):
    """The figures: of each source and stretch the share judged right, with Wilson's interval."""
    made = []
    for source in sorted(found):
        for end, right in sorted(found[source].items()):
            if len(right) < LEAST:
                continue
            low, high = wilson(sum(right), len(right))
            made.append(Figure(f"{source}, to {end} thousand tokens", 100 * sum(right) / len(right),
                               "%", 100 * low, 100 * high, len(right),
                               conditions={"source": source, "end": end}))
    return made


def table(figures):
    """A row for each source, a column for each stretch."""
    ends = sorted({each.conditions["end"] for each in figures})
    cells = {(each.conditions["source"], each.conditions["end"]):
             f"{each.value:.0f} ({each.low:.0f}-{each.high:.0f})" for each in figures}
    lines = ["| judged right, %; thousand tokens to | " + " | ".join(map(str, ends)) + " |",
             "|---" * (len(ends) + 1) + "|"]
    for source in sorted({source for source, _ in cells}):
        lines.append(f"| {source} | " + " | ".join(cells.get((source, end), "-") for end in ends)
                     + " |")
    return "\n".join(lines)


def series(figures):
    """The curves of the sources that are drawn."""
    return {source: [(each.conditions["end"], each.value, each.low, each.high) for each in figures
                     if each.conditions["source"] == source]
            for source in DRAWN if any(each.conditions["source"] == source for each in figures)}


def main():
    options = parsed("learning", sys.argv[1:], add_options)
    figures = shares(stretches(judged(options.runs or [RUNS / stage for stage in STAGES])))
    if not figures:
        raise FiguresFailure(f"expected {LEAST} items of a source, found fewer")
    print(table(figures))
    report = Report()
    report.figures += figures
    if options.json:
        report.write_json(options.json, date=str(date.today()), quick=options.quick)
    if options.curve and series(figures):
        options.curve.write_text(picture(series(figures), "judged right before the step that trained on it",
                                         "%", "thousand packed tokens, to"), encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except FiguresFailure as failure:
        sys.exit(f"tools/figures: {failure}")
