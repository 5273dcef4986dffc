"""Deadlines: a vote before each of them that allows one judgment, and nothing long after it.

What one judgment takes is measured for each request on the idle daemon, on a conversation that
differs in its first word, so that neither call finds the other's prompt computed already.
"""

import time
from dataclasses import dataclass

from grmd import Client, DeadlineExceeded, request
from method.bench import Progress
from method.intervals import percentile, wilson
from method.items import conversations, numbers, seed
from method.load import Load
from report import Figure

K, TOKENS = 32, 32
ALLOWANCE = 2.0  # the least deadline, as a multiple of one judgment's measured time
CLIENTS = 2  # that keep the daemon busy in the second part


@dataclass(frozen=True)
class Side:
    """Idle or busy: `times` has what one judgment and half of all take on the idle daemon, by item,
    and `share` how many callers share it."""

    client: Client
    times: dict
    word: str  # that the conversations begin with
    share: int = 1


def measure(bench):
    """On an idle daemon, then beside other callers."""
    items = conversations(bench.items, bench.sizes.deadline_items, 600, "deadline")
    with bench.store.serving(bench.judge) as local, Client(str(local.socket)) as client:
        warm_up(client, items)
        bench.clock.start_row(bench.sizes.shares["deadline"] / 2)
        times = {}
        idle = list(trials(bench, Side(client, times, "idle"), items))
        add_figures(bench, idle, "idle", {"allowance": ALLOWANCE})
        # Each of the others has as much of the machine as this one.
        share = 1 + CLIENTS
        others = [message(item, "others", k=8) for item in items]
        load = Load(local, others, clients=CLIENTS, seconds=3600, connections=CLIENTS)
        try:
            time.sleep(1)
            bench.clock.start_row(bench.sizes.shares["deadline"] / 2)
            busy = list(trials(bench, Side(client, times, "busy", share), items[:len(idle)]))
        finally:
            load.stop()
        add_figures(bench, busy, f"beside {CLIENTS} other callers",
                    {"allowance": ALLOWANCE * share, "others": CLIENTS})


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


def trials(bench, side, items):
    """(deadline, seconds, judgments or None) of each request, as long as there is time."""
    progress = Progress(f"deadline, {side.word}", len(items))
    for number, item in enumerate(items):
        if number > 2 and not bench.clock.allows():
            return
        if item.id not in side.times:
            side.times[item.id] = (timed(side.client, message(item, "one", k=1)),
                                   timed(side.client, message(item, "half", k=K // 2)))
        one, half = side.times[item.id]
        least = ALLOWANCE * one * side.share
        most = max(half * side.share, least)
        deadline = least * (most / least) ** numbers("deadline", item.id).random()
        yield trial(side.client, message(item, side.word, K), deadline)
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


def add_figures(bench, found, kind, conditions):
    if not found:
        bench.leave_out(f"deadline, {kind}", "no time left")
        return
    votes = sum(1 for _, _, judgments in found if judgments)
    late = [1000 * (seconds - deadline) for deadline, seconds, _ in found]
    counted = [judgments for _, _, judgments in found if judgments]
    conditions = {"k": K, "max_judgment_tokens": TOKENS, **conditions,
                  "deadline_ms": [round(1000 * min(each[0] for each in found), 1),
                                  round(1000 * max(each[0] for each in found), 1)],
                  "median_judgments": percentile(counted, 0.5) if counted else None}
    low, high = wilson(votes, len(found))
    bench.add(Figure(f"deadline, {kind}: replies with a vote before it", 100 * votes / len(found),
                     "%", 100 * low, 100 * high, len(found), conditions=conditions).at_least(100))
    bench.add(Figure(f"deadline, {kind}: the latest end, after the deadline", max(late), "ms",
                     min(late), max(late), len(late), conditions=conditions).at_most(50))
