"""Principles that are kept, against principles that are written anew for every judgment.

Reuse can only pay where a conversation comes back, as it does for a trainer: each conversation is
asked about several times, with other seeds, and a list in pairs of its best response and another.
The ways take turns after every few conversations, each on a cache of its own.
"""

import shutil

from grmd import request
from method.bench import Judging, Progress
from method.decisions import credit
from method.intervals import bootstrap, mean
from method.items import conversations, seed
from report import Figure

OFF = "no reuse"
WAYS = {OFF: {"principle_reuse": "off"},
        "written from the conversation": {"principle_reuse": "read_write",
                                          "principle_writing": "conversation"},
        "written with the responses": {"principle_reuse": "read_write",
                                       "principle_writing": "responses"}}


def measure(bench):
    """Tokens, time and accuracy of both ways of writing, each against no reuse."""
    sizes = bench.sizes
    items = conversations(bench.items, sizes.reuse_conversations, sizes.reuse_characters, "reuse")
    with bench.store.serving(bench.judge) as local, Judging(bench, "reuse", local, 1) as judging:
        refusals = {name: judging.refusal(max_judgment_tokens=sizes.reuse_tokens, **options)
                    for name, options in WAYS.items()}
    for name, refusal in refusals.items():
        if refusal is not None:
            bench.leave_out(f"principle reuse, {name}", refusal)
    ways = [name for name, refusal in refusals.items() if refusal is None]
    if OFF not in ways or len(ways) == 1:
        return
    groups = {name: [] for name in ways}
    caches = {name: bench.store.folder / f"cache-{seed(name)}" for name in ways}
    progress, done = Progress("principle reuse", len(items)), 0
    for start in range(0, len(items), sizes.reuse_block):
        if start > 0 and not bench.clock.allows():
            break
        block = items[start:start + sizes.reuse_block]
        for name in ways:
            groups[name] += judged(bench, name, block, caches[name])
        done += len(block)
        progress.at(done)
    for cache in caches.values():
        shutil.rmtree(cache, ignore_errors=True)
    for name in ways[1:]:
        add_figures(bench, name, groups[OFF], groups[name])
    if len(ways) == 3:
        add_figures(bench, f"{ways[2]} against {ways[1]}", groups[ways[1]], groups[ways[2]],
                    has_targets=False)


def requests_of(item, sizes, options):
    """(message, position of the best) of a conversation's requests."""
    others = [index for index in range(len(item.responses)) if index != item.best]
    found = []
    for place in range(sizes.reuse_requests):
        other = others[place % len(others)]
        shown = sorted((item.best, other))
        found.append((request(
            item.conversation, [item.responses[index] for index in shown], mode=sizes.reuse_mode,
            k=sizes.reuse_k, k_min=sizes.reuse_k, stopping="fixed",
            max_judgment_tokens=sizes.reuse_tokens, seed=seed("reuse", item.id, place), **options),
            shown.index(item.best)))
    return found


def judged(bench, name, block, cache):
    """What came of conversations, each from the first request to the last: a cache knows nothing of
    a conversation that it meets for the first time, so that each of them can be kept for itself."""
    sizes = bench.sizes
    keys = {item: f"reuse {name} {item.id} {seed(sizes.reuse_requests, sizes.reuse_k)} "
                  f"{sizes.reuse_mode} {sizes.reuse_tokens} {bench.store.stamp}" for item in block}
    if all(key in bench.records for key in keys.values()):
        return [kept(bench, keys[item]) for item in block]
    with bench.store.serving(bench.judge, cache_directory=cache) as local, \
            Judging(bench, "reuse", local, 1) as judging:
        for item in block:
            messages = requests_of(item, sizes, WAYS[name])
            bench.records.get(keys[item], lambda: conversation(judging, messages))
    return [kept(bench, keys[item]) for item in block]


def conversation(judging, messages):
    """The sums over the requests of a conversation, in their order."""
    total = {"generated": 0, "seconds": 0.0, "credits": [], "errors": 0, "cached": 0,
             "judgments": 0, "unparsable": 0, "unparsable_unflagged": 0, "truncated": 0, "other": 0}
    for message, best in messages:
        record = judging.ask(message)
        if "error" in record:
            total["errors"] += 1
            total["credits"].append(0.0)
            continue
        total["credits"].append(credit(best, record["best"]))
        total["cached"] += "cached" in record["sources"]
        for field in ("generated", "seconds", "judgments", "unparsable", "unparsable_unflagged",
                      "truncated", "other"):
            total[field] += record[field]
    return total


def kept(bench, key):
    record = bench.records[key]
    bench.tally.add("reuse", record)
    return record


def add_figures(bench, name, without, having, has_targets=True):
    """Three ratios, each over the same conversations, which are what is drawn for the intervals."""
    pairs = list(zip(without, having))
    sizes = bench.sizes
    conditions = {
        "conversations": len(pairs), "requests_each": sizes.reuse_requests, "k": sizes.reuse_k,
        "max_judgment_tokens": sizes.reuse_tokens, "mode": sizes.reuse_mode,
        "requests_with_kept_principles": sum(group["cached"] for group in having),
        "without_verdict": sum(a["errors"] + b["errors"] for a, b in pairs)}
    for title, field, limit in (("generated tokens", "generated", -35),
                                ("wall time", "seconds", -25)):
        def change(drawn, field=field):
            before = sum(a[field] for a, _ in drawn)
            return 100 * (sum(b[field] for _, b in drawn) / before - 1) if before else None
        value = change(pairs)
        if value is not None:
            low, high = bootstrap(pairs, change)
            figure = Figure(f"principle reuse, {name}: {title}", value, "%", low, high, len(pairs),
                            conditions=conditions)
            bench.add(figure.at_most(limit) if has_targets else figure)

    def difference(drawn):
        return 100 * mean([mean(b["credits"]) - mean(a["credits"]) for a, b in drawn])

    low, high = bootstrap(pairs, difference)
    figure = Figure(f"principle reuse, {name}: accuracy", difference(pairs), "points", low, high,
                    len(pairs), conditions={
                        **conditions,
                        "accuracy_before": round(100 * mean([mean(a["credits"]) for a, _ in pairs]), 2),
                        "accuracy": round(100 * mean([mean(b["credits"]) for _, b in pairs]), 2)})
    bench.add(figure.at_least(-1) if has_targets else figure)
