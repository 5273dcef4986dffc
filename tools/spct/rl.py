"""`spct rl`: GRPO with the outcome reward (Eq. 11, 15), rollouts by grmd.

A round: the adapter goes into grmd's store as a version of its own and is activated (a hot swap), a
group of judgments is sampled for each of some items, and the judgments of `push_steps` steps are
learned from. The reward of a judgment is +1 if its scores pick the known best (reject.is_right), else
-1; its advantage is the reward less the mean of its group, over the group's deviation. Groups without
a difference teach nothing and are left out. The loss of a token is

    -min(q A, clip(q, 1 - c, 1 + c) A) + beta (exp(r - p) - (r - p) - 1)

with p the token's log-probability, q = exp(p - p at the push), r that of the reference, which is the
model as it was before the first step.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain

import torch

from . import export, items, model, prompts, ranks, reject, sample, tree
from .settings import required
from .tuned import Tuned

PLOTTED = ["reward", "kl", "loss", "used", "generated"]


@dataclass
class Rollout:
    """One judgment: the sequences of its parts, its advantage, and earlier log-probabilities."""

    prompts: list
    targets: list
    advantage: float
    before: list = None
    reference: list = None


def rollout_of(shown, judgment, advantage):
    """A judgment of a sample's line; `shown`: the prompts of the line by their order."""
    own = [shown[tuple(part["order"])] for part in judgment["parts"]]
    return Rollout([list(prompt.tokens) for prompt in own],
                   [part["tokens"] for part in judgment["parts"]], advantage)


def advantages(rewards):
    """Each reward less the mean, over the deviation; None if all are the same."""
    mean = sum(rewards) / len(rewards)
    deviation = (sum((each - mean) ** 2 for each in rewards) / len(rewards)) ** 0.5
    return [(each - mean) / deviation for each in rewards] if deviation else None


def token_loss(now, rollout, part, options):
    """The loss of each token of a part, and its distance from the reference."""
    ratio = (now - rollout.before[part]).exp()
    clipped = ratio.clamp(1 - options.clip, 1 + options.clip)
    gain = torch.minimum(ratio * rollout.advantage, clipped * rollout.advantage)
    away = rollout.reference[part] - now
    distance = away.exp() - away - 1
    return options.kl * distance - gain, distance


def log_probabilities(network, rollouts):
    """For each rollout, for each part, the log-probability of each token of its target.

    Parts with the same prompt are branches of it, so that a group costs little more than what it wrote.
    """
    parts = [(prompt, target) for each in rollouts
             for prompt, target in zip(each.prompts, each.targets)]
    same = {}
    for index, (prompt, _) in enumerate(parts):
        same.setdefault(tuple(prompt), []).append(index)
    packed = tree.pack([[[*prompt, *parts[index][1]] for index in members]
                        for prompt, members in same.items()])
    states = tree.hidden_states(network, packed)
    found = {}
    for places, index in zip(packed.places, chain(*same.values())):
        prompt, target = parts[index]
        own = places[len(prompt) - 1 : len(prompt) + len(target) - 1]
        logits = model.logits(network, states[own])
        wanted = torch.tensor(target, device=logits.device)[:, None]
        found[index] = logits.log_softmax(-1).gather(1, wanted)[:, 0]
    left = iter(range(len(parts)))
    return [[found[next(left)] for _ in each.prompts] for each in rollouts]


class Reinforcement(Tuned):
    """A run of rounds."""

    def __init__(self, settings, daemon, client):
        self.options, self.daemon, self.client = settings.rl, daemon, client
        super().__init__(settings, required(settings.rl.folder, "rl.folder"))
        state = self.resume()
        if state:
            self.reference = state["reference"]
        else:
            self.begin(required(self.options.start, "rl.start"))
            self.reference = model.adapter_state(self.adapted)

    def push(self):
        """Makes grmd judge with the adapter as it is now."""
        name = f"{self.options.name}-{self.step}"
        folder = self.run.folder / "pushed"
        export.write(folder, model.adapter_state(self.adapted), self.settings.adapter)
        self.daemon.control("import", folder, "--onto", self.settings.source.version,
                            "--name", name, "--quantize", "bf16")
        self.daemon.control("activate", name)

    def asked(self, item):
        """(verdict, a line as `spct sample` writes it) of an item."""
        asked = sample.request_options(item, self.options, (self.settings.seed, self.step))
        turns = [{"role": role, "content": text} for role, text in item.context]
        verdict = self.client.score(turns, item.responses, **asked)
        return verdict, sample.record(item, verdict, asked)

    def judged(self, chosen):
        """(rollouts of each item that has something to teach, mean reward, generated tokens)."""
        with ThreadPoolExecutor(self.options.calls) as calls:
            verdicts, lines = zip(*calls.map(self.asked, chosen))
        found = {}
        requests = [reject.requests_of(item, line) for item, line in zip(chosen, lines)]
        for prompt in prompts.read(self.settings.source, requests):
            found.setdefault(prompt.request, {})[prompt.order] = prompt
        groups, rewards = [], []
        for index, (item, line) in enumerate(zip(chosen, lines)):
            own = [1.0 if reject.is_right(item, each["scores"]) else -1.0
                   for each in line["judgments"]]
            rewards += own
            groups.append([rollout_of(found[index], judgment, advantage) for judgment, advantage
                           in zip(line["judgments"], advantages(own) or [])])
        generated = sum(verdict.usage.generated_tokens for verdict in verdicts)
        return list(filter(None, groups)), sum(rewards) / max(1, len(rewards)), generated

    @torch.no_grad()
    def remember(self, rollouts):
        """Fills in the log-probabilities at the push and of the reference. Where each push has one
        step, those at the push are the step's own, which `learn` has anyway."""
        now = model.adapter_state(self.adapted)
        if self.options.push_steps > 1:
            for each, parts in zip(rollouts, self.in_packs(rollouts)):
                each.before = parts
        model.load_adapter_state(self.adapted, self.reference)
        for each, parts in zip(rollouts, self.in_packs(rollouts)):
            each.reference = parts
        model.load_adapter_state(self.adapted, now)

    def in_packs(self, rollouts):
        """`log_probabilities` of a few rollouts at a time."""
        for start in range(0, len(rollouts), self.options.pack_rollouts):
            yield from log_probabilities(self.network,
                                         rollouts[start : start + self.options.pack_rollouts])

    def learn(self, rollouts):
        """One step. Returns its loss and its distance from the reference, a token's mean."""
        count = sum(len(target) for each in rollouts for target in each.targets)
        sums = torch.zeros(2)
        for start in range(0, len(rollouts), self.options.pack_rollouts):
            pack = rollouts[start : start + self.options.pack_rollouts]
            loss = 0.0
            for each, parts in zip(pack, log_probabilities(self.network, pack)):
                each.before = each.before or [part.detach() for part in parts]
                for part, now in enumerate(parts):
                    value, distance = token_loss(now, each, part, self.options)
                    loss = loss + value.sum() / count
                    sums += torch.tensor([value.sum().item(), distance.sum().item()]) / count
            loss.backward()
        self.update(self.options.rate)
        return sums.tolist()

    def round(self, chosen):
        """One push, its judgments and the steps on them."""
        begun = time.monotonic()
        self.push()
        groups, reward, generated = self.judged(chosen)
        sampled = time.monotonic()
        # The judgments of an item stay together: they are branches of the same prompts.
        items.draws(self.settings.seed, "round", self.step).shuffle(groups)
        rollouts = list(chain(*groups))
        self.remember(rollouts)
        size = max(1, -(-len(rollouts) // self.options.push_steps))
        last = self.step + self.options.push_steps
        steps = [self.learn(rollouts[start : start + size])
                 for start in range(0, len(rollouts), size)]
        # Rounds count alike, whatever they had to learn from.
        self.step = last
        loss, distance = ([sum(each) / len(steps) for each in zip(*steps)] if steps
                          else [None, None])
        trained = sum(len(target) for each in rollouts for target in each.targets)
        self.run.log(step=self.step, reward=reward, loss=loss, kl=distance, used=len(rollouts),
                     generated=generated, trained=trained, sample_seconds=sampled - begun,
                     seconds=time.monotonic() - begun)

    def go(self):
        """Rounds to the last step."""
        options = self.options
        rounds = -(-options.steps // options.push_steps)
        chosen = items.mixed(items.read(required(options.items, "rl.items")), options.shares,
                             rounds * options.round_items, self.settings.seed)
        while self.step < options.steps:
            start = self.step // options.push_steps * options.round_items
            self.round(chosen[start : start + options.round_items])
            self.save(reference=self.reference)
            self.run.draw(PLOTTED)


def main(settings):
    from grmd import Client
    from grmd.local import LocalGrmd

    ranks.alone("spct rl")
    options = settings.rl
    with LocalGrmd(required(options.programs, "rl.programs"),
                   required(settings.source.state, "source.state")) as daemon, \
            Client(str(daemon.socket)) as client:
        Reinforcement(settings, daemon, client).go()
