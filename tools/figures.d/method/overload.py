"""Ten times more requests than the daemon can answer: what it still answers, and how fast it says no.

A closed loop of ever more clients finds the peak. Then ten times as many requests a second come
whether or not there is room. Every judgment is asked for (k_min = k), so that a reply is as much work
under load as at the peak.
"""

import time

from grmd import Client, GrmdError, request
from method.intervals import bootstrap, mean, percentile
from method.items import conversations, numbers, seed
from method.load import Load, replies_by_block
from report import Figure

ADMITTED = 8
FACTOR = 10


def measure(bench):
    """Goodput against the peak, and the latency of refusals."""
    k, tokens = bench.sizes.overload_k, bench.sizes.overload_tokens
    items = conversations(bench.items, 64, 600, "overload")
    messages = [request(item.conversation, item.responses, mode="list", k=k, k_min=k,
                        stopping="fixed", max_judgment_tokens=tokens,
                        seed=seed("overload", item.id)) for item in items]
    if not bench.clock.allows(bench.sizes.overload_step + bench.sizes.overload_seconds):
        bench.leave_out("overload", "no time left in --quick")
        return
    with bench.store.serving(bench.judge, limits__requests=ADMITTED) as local:
        idle = idle_refusals(local)
        peak, clients = find_peak(bench, local, messages)
        # The clients' own work must not take the daemon's processors: hence requests that are long
        # enough for ten times the peak to be few calls a second.
        rate = FACTOR * mean(peak)
        seconds = bench.sizes.overload_seconds
        loads = [Load(local, messages, rate=rate * share, seconds=seconds,
                      connections=connections) for share, connections in ((0.9, 8), (0.1, 1))]
        most, few = (load.calls() for load in loads)
    calls = most + few
    begin = min(call.sent for call in calls)
    blocks = replies_by_block(calls, begin, begin + seconds, block_of(seconds))
    conditions = {"k": k, "max_judgment_tokens": tokens, "limits.requests": ADMITTED,
                  "clients_at_peak": clients, "offered_per_second": round(rate, 2),
                  "seconds": round(seconds, 1)}
    add_goodput(bench, peak, blocks, conditions)
    add_refusals(bench, most, few, idle, conditions)


def block_of(seconds):
    """The length of the blocks that are drawn for the intervals."""
    return max(1.0, seconds / 12)


def find_peak(bench, local, messages):
    """Replies a second, block by block, of the number of clients that gets the most; and it."""
    found = {}
    Load(local, messages, clients=ADMITTED, seconds=1).calls()
    for clients in bench.sizes.overload_clients:
        seconds = bench.sizes.overload_step
        load = Load(local, messages, clients=clients, seconds=seconds, connections=clients)
        calls = load.calls()
        begin = min(call.sent for call in calls)
        found[clients] = replies_by_block(calls, begin, begin + seconds, block_of(seconds))
    best = max(found, key=lambda clients: mean(found[clients]))
    return found[best], best


def idle_refusals(local, count=200):
    """Seconds of a refusal where nothing else is done: a request without responses."""
    found = []
    with Client(str(local.socket)) as client:
        for _ in range(count):
            begin = time.monotonic()
            try:
                client.score("Is there room?", [], k=1)
            except GrmdError:
                found.append(time.monotonic() - begin)
    return found


def add_goodput(bench, peak, blocks, conditions):
    low, high = bootstrap(peak, mean)
    bench.add(Figure("overload: peak goodput, closed loop", mean(peak), "replies/s", low, high,
                     len(peak), conditions=conditions))
    # Both sides are drawn anew for the interval of their ratio.
    drawn = []
    for number in range(400):
        draw = numbers("goodput", number)
        drawn.append(mean(draw.choices(blocks, k=len(blocks)))
                     / max(1e-9, mean(draw.choices(peak, k=len(peak)))))
    bench.add(Figure(f"overload: goodput at {FACTOR}x, against the peak",
                     100 * mean(blocks) / mean(peak), "%", 100 * percentile(drawn, 0.025),
                     100 * percentile(drawn, 0.975), len(blocks),
                     conditions=conditions).at_least(95))


def add_refusals(bench, most, few, idle, conditions):
    outcomes = {}
    for call in most + few:
        outcomes[call.outcome] = outcomes.get(call.outcome, 0) + 1
    conditions = {**conditions, "outcomes": outcomes}

    def p99(values):
        return 1000 * percentile(values, 0.99)

    for name, values, limit in (
            ("overload: refusal latency p99, as the callers see it",
             [call.seconds for call in most if call.outcome == "queue_full"], 10),
            ("overload: refusal latency p99, a caller with a process and a connection of its own",
             [call.seconds for call in few if call.outcome == "queue_full"], None),
            ("refusal latency p99, idle: what the callers' Python and gRPC take", idle, None)):
        if not values:
            bench.leave_out(name, f"no refusal in {sum(outcomes.values())} calls")
            continue
        low, high = bootstrap(values, p99, rounds=300)
        figure = Figure(name, p99(values), "ms", low, high, len(values), conditions={
            **conditions, "median_ms": round(1000 * percentile(values, 0.5), 3)})
        bench.add(figure if limit is None else figure.at_most(limit))
