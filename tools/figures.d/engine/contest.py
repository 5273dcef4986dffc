"""The rows that compare this engine with llama.cpp."""

from dataclasses import dataclass, field
from pathlib import Path

from engine import duel, roofline
from engine.ours import Engine, Store
from engine.peer import Server, Way, file_of_type
from engine.schedule import TOKENS
from report import Figure, number, say


@dataclass
class Contestant:
    """A model on both sides, and its prompts as tokens."""

    name: str
    file: Path
    store: Store
    version: str
    description: dict  # what grmd-figures says of it
    prompts: dict  # tokens of each prompt, by length
    targets: dict  # ratios to reach: of judgments/s by k, of "prefill", of "decode"; "share" in %
    ways: dict = field(default_factory=dict)  # the peer's best for "judgments", "prefill", "decode"
    per_judgment: dict = field(default_factory=dict)  # seconds by (side, k), at most threads
    pair_seconds: dict = field(default_factory=dict)  # of one prompt done by both, by (threads, k)

    def expected_seconds(self, threads, samples):
        """How long a pair may take, judged by those that were made; few samples take as long as
        four, as the prompt costs the same."""
        known = [seconds * max(samples, 4) / max(k, 4) * done / threads
                 for (done, k), seconds in self.pair_seconds.items()]
        return max(known, default=0)


def contestant(store, name, file, prompts, targets):
    """Imports a model and encodes the prompts with its tokenizer."""
    version = store.version(file)
    with Engine(store, version, 1) as engine:
        encoded = engine.encode([prompt.turns() for prompt in prompts])
        description = engine.model
    by_length = {}
    for prompt, tokens in zip(prompts, encoded):
        by_length.setdefault(prompt.length, []).append(tokens)
    return Contestant(name, file, store, version, description, by_length, targets)


def choose_ways(model, schedule, threads, clock):
    """Tries the peer's types, flash attention and KV once; keeps the best for each measure."""
    tokens, count, samples = model.prompts["800"][0], schedule.way_tokens, 8
    found = {}
    for way in schedule.ways:
        if found and not clock.allows(60):
            break
        room = len(tokens) + samples * (count + 8) + 64
        with Server(model.file, way, threads, samples, room) as peer:
            many = peer.complete(tokens, samples, count)
            one = peer.complete(tokens, 1, count)
        # As long as all judgments would take: decoding goes on as it began.
        seconds = many["seconds"] + many["decode_seconds"] * (TOKENS - count) / (count - 1)
        found[way] = {"judgments": samples / seconds,
                      "prefill": len(tokens) / one["prefill_seconds"],
                      "decode": (count - 1) / one["decode_seconds"]}
        say(f"    {str(way):<48} {number(found[way]['judgments'])} judgments/s, prefill "
            f"{number(found[way]['prefill'])}, decode {number(found[way]['decode'])} tokens/s")
    fastest = max(each["judgments"] for each in found.values())
    model.pair_seconds[threads, samples] = 1.3 * samples / fastest
    for measure in ("judgments", "prefill", "decode"):
        model.ways[measure] = max(found, key=lambda way: found[way][measure])
        say(f"    the peer's best for {measure}: {model.ways[measure]}")


def prompts_for(model, schedule, samples):
    """(length, tokens) of the prompts of a match, the lengths one after the other."""
    return [(length, tokens) for length in schedule.lengths
            for tokens in model.prompts[length][:schedule.prompts[samples]]]


def compare_judgments(run, model, threads, samples):
    """Judgments a second at one k; the target holds for prompts of 800 tokens."""
    run.clock.step(f"{model.name}: k = {samples}, {threads} threads")
    name = f"{model.name}: judgments/s, k = {samples}, {threads} threads"
    if not run.clock.allows(model.expected_seconds(threads, samples)):
        run.report.leave_out(name, "no time left in --quick")
        return
    match = duel.Match(model, model.ways["judgments"], threads, samples)
    pairs = duel.play(match, prompts_for(model, run.schedule, samples), run.clock)
    model.pair_seconds[threads, samples] = pairs[0].seconds

    def measure(result, pair):
        return duel.judgments_per_second(result, pair, samples)

    for length in run.schedule.lengths:
        chosen = [pair for pair in pairs if pair.length == length]
        if not chosen:
            continue
        title = name if length == "800" else f"{name}, {length} tokens"
        ours, peer, ratio = duel.figures(title, "/s", chosen, measure, match.conditions)
        if length == "800":
            if samples in model.targets:
                ratio.at_least(model.targets[samples])
            if threads == run.threads:
                model.per_judgment["ours", samples] = 1 / ours.value
                model.per_judgment["peer", samples] = 1 / peer.value
        for figure in (ours, peer, ratio):
            run.report.add(figure)


def compare_phases(run, model, threads):
    """Prefill and decoding of one sample, each against the peer's best way for it."""
    for phase, title, measure in (
            ("prefill", "prefill, 800 tokens", duel.prefill_tokens_per_second),
            ("decode", "decode, one sample", duel.decode_tokens_per_second)):
        name = f"{model.name}: {title}, {threads} threads"
        run.clock.step(name)
        if not run.clock.allows(model.expected_seconds(threads, 1)):
            run.report.leave_out(name, "no time left in --quick")
            continue
        match = duel.Match(model, model.ways[phase], threads, 1)
        prompts = [("800", tokens) for tokens in model.prompts["800"][:run.schedule.prompts[1]]]
        pairs = duel.play(match, prompts, run.clock)
        ours, peer, ratio = duel.figures(name, "tokens/s", pairs, measure, match.conditions)
        if phase in model.targets:
            ratio.at_least(model.targets[phase])
        for figure in (ours, peer, ratio):
            run.report.add(figure)
        if threads == run.threads and phase == "decode":
            for side in ("ours", "peer"):
                seconds = sorted(getattr(pair, side)["seconds"] for pair in pairs)
                model.per_judgment[side, 1] = seconds[len(seconds) // 2]
        add_shares(run, match, pairs, phase)


def add_shares(run, match, pairs, phase):
    """Both engines' share of what the machine can do in a phase."""
    model, limits = match.model, run.rooflines[match.threads]
    for side in ("ours", "peer"):
        results = [(getattr(pair, side), pair) for pair in pairs]
        if phase == "prefill":
            shares = [roofline.prefill_share(model.description, limits, pair.tokens,
                                             result["prefill_seconds"]) for result, pair in results]
            name = f"share of the int8 roofline in prefill, {match.threads} threads"
        else:
            size = (model.store.weight_bytes(model.version) if side == "ours"
                    else peer_bytes(model, match.way))
            shares = [roofline.decode_share(limits, size,
                                            duel.decode_tokens_per_second(result, pair))
                      for result, pair in results]
            name = f"share of the memory bandwidth in decode, {match.threads} threads"
        suffix = "" if side == "ours" else ", peer"
        figure = Figure.of(f"{model.name}: {name}{suffix}", [100 * share for share in shares], "%",
                           **match.conditions)
        if phase == "prefill" and side == "ours" and "share" in model.targets:
            figure.at_least(model.targets["share"])
        run.report.add(figure)


def peer_bytes(model, way: Way):
    """The size of the file that the peer runs in a way: its weights, less a little vocabulary."""
    return file_of_type(model.file, way.kind).stat().st_size


def measure_scaling(run, model):
    """Seconds per judgment of this engine as k grows."""
    run.clock.step(f"{model.name}: seconds per judgment as k grows")
    found = []
    with Engine(model.store, model.version, run.threads) as ours:
        ours.complete(model.prompts["800"][0][32::-1], 1, 4)
        for samples in run.schedule.scaling:
            if not run.clock.allows():
                run.report.leave_out(f"seconds per judgment, k = {samples}", "no time left")
                continue
            prompts = model.prompts["800"][:2 if samples < 16 else 1]
            seconds = [ours.complete(tokens, samples, TOKENS)["seconds"] / samples
                       for tokens in unseen(prompts, samples)]
            figure = run.report.add(Figure.of(
                f"{model.name}: seconds per judgment, k = {samples}", seconds, "s", k=samples,
                threads=run.threads, tokens=TOKENS, model=model.name))
            model.per_judgment["ours", samples] = figure.value
            found.append(figure.value)
    falls = sum(later < earlier for earlier, later in zip(found, found[1:]))
    share = Figure("seconds per judgment fall from k to the next k", falls, "times", falls, falls,
                   len(found), conditions={"model": model.name, "threads": run.threads})
    run.report.add(share.at_least(len(found) - 1))


def unseen(prompts, round_number):
    """Prompts that share no beginning with those of another round: the first token is its own."""
    return [[300 + round_number] + tokens for tokens in prompts]


def large_ways():
    """What the peer is tried with for a model that takes long."""
    return tuple(Way(kind, flash, True) for kind in ("file", "Q4_0", "Q8_0")
                 for flash in (False, True))
