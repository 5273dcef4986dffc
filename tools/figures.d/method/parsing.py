"""Judgments that cannot be parsed: over all judgments of the other rows, and with a budget of one
token, which cuts nearly all of them short."""

from grmd import request
from method.bench import Judging
from method.intervals import wilson
from method.items import conversations, seed
from method.written import is_cut_short
from report import Figure

TOKENS, K = 1, 8


def measure(bench):
    """What was seen in all rows, and truncation on purpose."""
    items = conversations(bench.items, bench.sizes.truncated_items, 1200, "truncation")
    seen = {"judgments": 0, "flagged": 0, "unparsable": 0, "unflagged": 0}
    with bench.store.serving(bench.judge) as local, \
            Judging(bench, "truncation", local, 1) as judging:
        for number, item in enumerate(items):
            if number > 0 and not bench.clock.allows():
                break
            add(seen, judging.clients[0].send(request(
                item.conversation, item.responses, mode="list", k=K, stopping="fixed",
                max_judgment_tokens=TOKENS, seed=seed("truncation", item.id),
                reply_parts=["text"])))
    add_figures(bench, seen)


def add(seen, verdict):
    """Counts the judgments of a verdict."""
    for judgment in verdict.judgments:
        seen["judgments"] += 1
        seen["flagged"] += judgment.truncated
        seen["unparsable"] += judgment.outcome != "scored"
        seen["unflagged"] += is_cut_short(judgment.text) and not judgment.truncated


def add_figures(bench, seen):
    tally = bench.tally
    conditions = {"k": K, "max_judgment_tokens": TOKENS}
    for name, count, total, limit in (
            ("judgments not parsed and not flagged as cut short, all rows",
             tally.unparsable_unflagged, tally.judgments, 0),
            ("judgments not parsed, all rows", tally.unparsable, tally.judgments, None),
            ("judgments cut short and flagged, all rows", tally.truncated, tally.judgments, None),
            (f"budget of {TOKENS} token: judgments not parsed", seen["unparsable"],
             seen["judgments"], 0),
            (f"budget of {TOKENS} token: cut short but not flagged", seen["unflagged"],
             seen["judgments"], 0),
            (f"budget of {TOKENS} token: flagged as cut short", seen["flagged"],
             seen["judgments"], None)):
        if total == 0:
            bench.leave_out(name, "no other row was measured")
            continue
        low, high = wilson(count, total)
        here = {"rows": tally.by_row} if "all rows" in name else conditions
        figure = Figure(f"parsing: {name}", 100 * count / total, "%", 100 * low, 100 * high, total,
                        conditions={**here, "count": count})
        bench.add(figure if limit is None else figure.at_most(limit))
