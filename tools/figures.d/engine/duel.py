"""Two engines on the same prompts by turns: A B A B."""

from dataclasses import dataclass
from statistics import median

from engine.ours import Engine
from engine.peer import Server
from engine.schedule import TOKENS
from report import Figure, FiguresFailure, number, say


@dataclass(frozen=True)
class Pair:
    """One prompt done by both."""

    length: str
    tokens: int
    ours: dict
    peer: dict

    @property
    def seconds(self):
        return self.ours["seconds"] + self.peer["seconds"]

    def ratio(self, measure):
        return measure(self.ours, self) / measure(self.peer, self)


@dataclass(frozen=True)
class Match:
    """What is compared: a model on both sides, the peer's way, threads, samples."""

    model: object  # engine.contest.Contestant
    way: object
    threads: int
    samples: int

    @property
    def conditions(self):
        return {"model": self.model.name, "k": self.samples, "threads": self.threads,
                "tokens": TOKENS, "peer": str(self.way)}


def check_computed(pair):
    """A prompt that one side knew already would not be a comparison."""
    for name, side in (("this engine", pair.ours), ("the peer", pair.peer)):
        if side["computed"] != pair.tokens:
            raise FiguresFailure(f"{name}: expected {pair.tokens} prompt tokens to be computed, "
                                 f"found {side['computed']}")


def judgments_per_second(result, pair, samples):
    return samples / result["seconds"]


def prefill_tokens_per_second(result, pair):
    return pair.tokens / result["prefill_seconds"]


def decode_tokens_per_second(result, pair):
    # The first token comes out of the prompt; both engines count from there.
    return (TOKENS - 1) / result["decode_seconds"]


def play(match, prompts, clock):
    """Pairs of a match over prompts of (length, tokens), as many as there is time for."""
    longest = max(len(tokens) for _, tokens in prompts)
    room = longest + match.samples * (TOKENS + 8) + 64
    pairs = []
    with Engine(match.model.store, match.model.version, match.threads) as ours, \
            Server(match.model.file, match.way, match.threads, match.samples, room) as peer:
        for side in (ours, peer):
            side.complete(prompts[0][1][32::-1], match.samples, 4)  # pages, threads, buffers
        for length, tokens in prompts:
            if pairs and not clock.allows(pairs[-1].seconds):
                break
            pair = Pair(length, len(tokens), ours.complete(tokens, match.samples, TOKENS),
                        peer.complete(tokens, match.samples, TOKENS))
            check_computed(pair)
            pairs.append(pair)
            say(f"    {length:>5} ({len(tokens)} tokens): {number(pair.ours['seconds'])} s, "
                f"peer {number(pair.peer['seconds'])} s")
    return pairs


def figures(name, unit, pairs, measure, conditions):
    """Both sides' values and their ratio, one figure each."""
    conditions = {**conditions, "prompt_tokens": round(median(pair.tokens for pair in pairs))}
    return [
        Figure.of(name, [measure(pair.ours, pair) for pair in pairs], unit, **conditions),
        Figure.of(f"{name}, peer", [measure(pair.peer, pair) for pair in pairs], unit,
                  **conditions),
        Figure.of(f"{name}, ratio", [pair.ratio(measure) for pair in pairs], "x", **conditions),
    ]
