"""Adaptive k against all judgments: what it saves, and how often it decides otherwise.

Each request is judged three times with one seed: k = 32 fixed, rule 1, rule 2. The seed draws the
same judgments, so that the runs differ by where they stop and by nothing else; that is checked.
"""

from collections import Counter

from grmd import request
from method.bench import Judging
from method.decisions import is_changed
from method.intervals import bootstrap, mean, wilson
from method.items import by_source, seed
from report import Figure

K = 32
SEEDS = 4  # of each item: its prompts are computed once for all of them
CHARACTERS = 800  # of an item, at most
TEMPERATURE = 0.5  # the product's own, and the paper's for more than one judgment
RULES = {"rule 2 at .01": {"stopping": "predicted", "stop_risk": 0.01},
         "rule 1 at .05": {"stopping": "guaranteed", "stop_risk": 0.05}}
# The cheapest way of judging that this release has: many requests matter here, not good ones.
FORMS = {"ISOLATED, direct": {"mode": "isolated", "max_judgment_tokens": 0},
         "LIST, direct": {"mode": "list", "max_judgment_tokens": 0},
         "LIST, one token before the scores": {"mode": "list", "max_judgment_tokens": 1}}


def measure(bench):
    """All figures of adaptive k."""
    chosen = requests_of(bench.items, bench.sizes.adaptive)
    with bench.store.serving(bench.judge) as local, \
            Judging(bench, "adaptive", local, at_once=2) as judging:
        refusals = {name: judging.refusal(readout="sampled", **form)
                    for name, form in FORMS.items()}
        form = next((name for name, refusal in refusals.items() if refusal is None), None)
        if form is None:
            bench.leave_out("adaptive k", str(refusals))
            return
        batches = [messages(item, number, FORMS[form]) for item, number in chosen]
        found = judging.records(f"adaptive k, {form}", batches)
    judged = [each for each in found if not any("error" in record for record in each)]
    # Where load ended a run it was not the rule that did.
    usable = [each for each in judged if not any(record["reason"] == "load" for record in each)]
    conditions = {"k": K, "seeds_of_an_item": SEEDS, "form": form, "readout": "sampled", "temperature": TEMPERATURE,
                  "without_verdict": len(found) - len(judged),
                  "left_out_as_ended_by_load": len(judged) - len(usable)}
    if usable:
        add_figures(bench, usable, conditions)
    else:
        bench.leave_out("adaptive k", f"no request of {len(found)} has a verdict: {conditions}")


def requests_of(items, count):
    """Pairs and lists, all sources by turns, each with several seeds one after the other."""
    choices = by_source([item for item in items if item.is_choice], count, CHARACTERS)
    choices = choices[:-(-count // SEEDS)]
    rounds = -(-count // max(1, len(choices)))
    return [(item, number) for item in choices for number in range(rounds)][:count]


def messages(item, number, form):
    """The request with each rule, the fixed one first."""
    rules = [{"stopping": "fixed", "k_min": K}, *RULES.values()]
    return [request(item.conversation, item.responses, k=K, temperature=TEMPERATURE, readout="sampled",
                    seed=seed("adaptive", item.id, number), **form, **rule) for rule in rules]


def add_figures(bench, triples, conditions):
    differing = sum(1 for fixed, *rules in triples for early in rules
                    if early["scores"] != fixed["scores"][:early["k"]])
    bench.add(Figure("adaptive: runs whose judgments are not those of the fixed run", differing, "",
                     differing, differing, 2 * len(triples), conditions=conditions).at_most(0))
    for place, rule in enumerate(RULES, 1):
        pairs = [(triple[place], triple[0]) for triple in triples]
        counts = [early["k"] for early, _ in pairs]
        low, high = bootstrap(counts, mean)
        saved = Figure(f"adaptive: mean k, {rule}", 100 * mean(counts) / K, "% of k = 32",
                       100 * low / K, 100 * high / K, len(pairs),
                       conditions={**conditions, "mean_k": round(mean(counts), 2), "stop_reasons":
                                   dict(Counter(early["reason"] for early, _ in pairs))})
        bench.add(saved.at_most(50) if rule == "rule 2 at .01" else saved)
        limit = 1 if rule == "rule 2 at .01" else 5
        add_share(bench, f"adaptive: decisions changed, {rule}",
                  [is_changed(*pair) for pair in pairs], conditions, limit)
        # A tie at k = 32 that the early run did not see is no error of the rule, but a difference.
        add_share(bench, f"adaptive: winners not the same, ties included, {rule}",
                  [early["best"] != fixed["best"] for early, fixed in pairs], conditions)
    ties = [len(fixed["best"]) > 1 for fixed, *_ in triples]
    add_share(bench, "adaptive: ties at k = 32", ties, conditions)


def add_share(bench, name, events, conditions, limit=None):
    low, high = wilson(sum(events), len(events))
    figure = Figure(name, 100 * mean(events), "%", 100 * low, 100 * high, len(events),
                    conditions={**conditions, "count": sum(events)})
    bench.add(figure if limit is None else figure.at_most(limit))
