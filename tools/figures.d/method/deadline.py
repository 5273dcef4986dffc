"""Deadlines: a vote before each of them that allows one judgment, and nothing long after it.

What one judgment takes is measured for each request right before, beside the same load, on a
conversation that differs in its first word, so that neither call finds the other's prompt computed.
The deadlines go from twice that up to what half of all judgments take.
"""

import time

from grmd import Client, DeadlineExceeded, request
from method.bench import Progress
from method.intervals import percentile, wilson
from method.items import conversations, numbers, seed
from method.load import Load
from report import Figure

K, TOKENS = 32, 16
ALLOWANCE = 2.0  # the least deadline, as a multiple of one judgment's measured time
CLIENTS = 2  # that keep the daemon busy in the second part


def measure(bench):
    """On an idle daemon, then beside other callers."""
    items = conversations(bench.items, bench.sizes.deadline_items, 600, "deadline")
    with bench.store.serving(bench.judge) as local, Client(str(local.socket)) as client:
        warm_up(client, items)
        measure_part(bench, client, items, "idle")
        others = [message(item, "others", k=8) for item in items]
        load = Load(local, others, clients=CLIENTS, seconds=3600, connections=CLIENTS)
        try:
            time.sleep(1)
            measure_part(bench, client, items, f"beside {CLIENTS} other callers")
        finally:
            load.stop()


def measure_part(bench, client, items, kind):
    bench.clock.start_row(bench.sizes.shares["deadline"] / 2)
    add_figures(bench, list(trials(bench, client, items, kind)), kind)


def warm_up(client, items):
    for item in items[:3]:
        client.send(message(item, "warm", k=2))


def message(item, word, k):
    """A request on the item's conversation that begins with a word of its own."""
    (role, content), *rest = item.context
    turns = [{"role": role, "content": f"{word}: {content}"},
             *({"role": role, "content": content} for role, content in rest)]
    return request(turns, item.responses, mode="list", k=k, k_min=1, stopping="fixed",
                   max_judgment_tokens=TOKENS, seed=seed("deadline", item.id))


def trials(bench, client, items, kind):
    """(deadline, seconds, judgments or None) of each request, as long as there is time."""
    progress = Progress(f"deadline, {kind}", len(items))
    for number, item in enumerate(items):
        if number > 1 and not bench.clock.allows():
            return
        one = timed(client, message(item, f"one {kind}", k=1))
        half = timed(client, message(item, f"half {kind}", k=K // 2))
        least = ALLOWANCE * one
        deadline = least * (max(half, least) / least) ** numbers("deadline", item.id).random()
        yield trial(client, message(item, kind, K), deadline)
        progress.at(number + 1)


def timed(client, asked):
    begin = time.monotonic()
    client.send(asked)
    return time.monotonic() - begin


def trial(client, asked, deadline):
    begin = time.monotonic()
    try:
        judgments = client.send(asked, timeout=deadline).k_counted
    except DeadlineExceeded:
        judgments = None
    return deadline, time.monotonic() - begin, judgments


def add_figures(bench, found, kind):
    votes = sum(1 for _, _, judgments in found if judgments)
    late = [1000 * (seconds - deadline) for deadline, seconds, _ in found]
    counted = [judgments for _, _, judgments in found if judgments]
    conditions = {"k": K, "max_judgment_tokens": TOKENS, "allowance": ALLOWANCE,
                  "deadline_ms": [round(1000 * min(each[0] for each in found), 1),
                                  round(1000 * max(each[0] for each in found), 1)],
                  "median_judgments": percentile(counted, 0.5) if counted else None}
    low, high = wilson(votes, len(found))
    bench.add(Figure(f"deadline, {kind}: replies with a vote before it", 100 * votes / len(found),
                     "%", 100 * low, 100 * high, len(found), conditions=conditions).at_least(100))
    bench.add(Figure(f"deadline, {kind}: the latest end, after the deadline", max(late), "ms",
                     min(late), max(late), len(late), conditions=conditions).at_most(50))
