"""What each way of judging gets right, and what it costs."""

from dataclasses import dataclass, replace

from grmd import request
from method.bench import Judging
from method.decisions import credit, leaders, votes
from method.intervals import auc, bootstrap, mean
from method.items import by_source, seed
from report import Figure, number, say, table


@dataclass(frozen=True)
class Way:
    """One row: what is asked, and the numbers of judgments whose votes are counted."""

    name: str
    options: tuple
    counts: tuple

    def __str__(self):
        return self.name


def way(name, counts, **options):
    return Way(name, tuple(options.items()), counts)


def all_ways(tokens):
    """Every way; `tokens`: the budget of a critique. The votes of fewer judgments are those of the
    first ones of the same draw."""
    direct, critique = {"max_judgment_tokens": 0}, {"max_judgment_tokens": tokens}
    found = []
    for mode in ("list", "isolated"):
        name = mode.upper()
        found += [
            # Two judgments show an order and its reverse; alone in a prompt there is but one order.
            way(f"{name} EXPECTED direct", (2,) if mode == "list" else (1,), mode=mode,
                readout="expected", **direct),
            way(f"{name} SAMPLED direct", (1, 8, 32), mode=mode, readout="sampled", **direct),
            way(f"{name} EXPECTED critique", (1, 8), mode=mode, readout="expected", **critique),
            way(f"{name} SAMPLED critique", (1, 8, 32), mode=mode, readout="sampled", **critique),
        ]
    return found + [way("PAIRWISE", (2, 8), mode="pairwise", **critique),
                    way("TOKEN_PROBABILITY", (1,), mode="token_probability"),
                    way("LIKELIHOOD", (1,), mode="likelihood")]


def measure(bench):
    """A figure for each way and number of judgments, and a table by source."""
    sizes = bench.sizes
    items = by_source(bench.items, sizes.ways_each, sizes.ways_characters)
    cells, ways = {}, all_ways(sizes.ways_tokens)
    with bench.store.serving(bench.judge) as local, \
            Judging(bench, "ways", local, at_once=1) as judging:
        for each in ways:
            refusal = judging.refusal(k=each.counts[0], **dict(each.options))
            if refusal is not None:
                bench.leave_out(f"accuracy, {each}", refusal)
                continue
            bench.clock.start_row(sizes.shares["ways"] / len(ways))
            if sizes.ways_k is not None:
                fewer = tuple(count for count in each.counts if count <= sizes.ways_k)
                each = replace(each, counts=fewer)
            measure_way(bench, judging, each, items, cells)
    if cells:
        say("\n" + by_source_table(cells) + "\n")


def measure_way(bench, judging, each, items, cells):
    most = max(each.counts)
    batches = [[message(item, each, most)] for item in items]
    found = [records[0] for records in judging.records(f"{each}, k = {most}", batches)]
    judged = list(zip(items, found))
    for count in each.counts:
        cost = cost_of(bench, judging, each, judged, count)
        add_figures(bench, f"{each}, k = {count}", [(item, votes(record, count))
                                                   for item, record in judged], cost, cells)


def message(item, each, count):
    return request(item.conversation, item.responses, k=count, k_min=count, stopping="fixed",
                   seed=seed("ways", item.id), **dict(each.options))


def cost_of(bench, judging, each, judged, count):
    """Tokens of a request, and its seconds where requests come one after the other: measured on a
    few of their own, since a build of grmd has its own times."""
    tokens = [sum(record["tokens"][:count]) for _, record in judged if "error" not in record]
    timed = [judging.record(message(item, each, count), 0, "timed", bench.store.stamp)
             for item, _ in judged[:bench.sizes.ways_timed]]
    timed = [record for record in timed if "error" not in record]
    if not tokens or not timed:
        return {}
    return {"generated_tokens": round(mean(tokens), 1),
            "prompt_tokens": round(mean([record["prompt"] for record in timed]), 1),
            "seconds": round(mean([record["seconds"] for record in timed]), 4),
            "seconds_of": len(timed)}


def add_figures(bench, name, judged, cost, cells):
    """Accuracy over pairs and lists; the area under the curve over single responses."""
    credits, singles = [], []
    for item, totals in judged:
        if item.is_choice:
            # No verdict is no right one.
            credits.append((item.source, credit(item.best, leaders(totals)) if totals else 0.0))
        elif item.label is not None and totals:
            singles.append((item.source, (totals[0], item.label == 1)))
    lost = sum(1 for _, totals in judged if totals is None)
    conditions = {"way": name, "without_verdict": lost, **cost}
    for title, unit, rows, statistic in (
            ("accuracy", "%", credits, lambda values: 100 * mean(values)),
            ("ROC-AUC of single responses", "", singles, auc)):
        values = [value for _, value in rows]
        total = statistic(values) if values else None
        if total is None:
            continue
        low, high = bootstrap(values, statistic)
        sources = {}
        for source in sorted({source for source, _ in rows}):
            here = [value for each, value in rows if each == source]
            if statistic(here) is not None:
                cells[name, source] = sources[source] = [
                    round(statistic(here), 3), *(round(end, 3) for end in
                                                 bootstrap(here, statistic)), len(here)]
        bench.add(Figure(f"{title}, {name}", total, unit, low, high, len(values),
                         conditions={**conditions, "by_source": sources}))


def by_source_table(cells):
    """A row for each way, a column for each source: the value and its interval."""
    ways = list(dict.fromkeys(name for name, _ in cells))
    sources = sorted({source for _, source in cells})
    rows = [["way"] + sources]
    for name in ways:
        row = [name]
        for source in sources:
            value, low, high, _ = cells.get((name, source), (None,) * 4)
            row.append("-" if value is None else f"{number(value)} ({number(low)}-{number(high)})")
        rows.append(row)
    return table(rows)
