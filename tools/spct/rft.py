"""Supervised tuning of a LoRA on token ids: `spct rft`."""

import time

import torch

from . import examples, losses, model, ranks, tree
from .settings import required
from .tuned import Tuned

PLOTTED = ["loss", "text", "score", "rank", "right", "look_right", "tokens_per_second"]


def rate_at(step, options):
    """The learning rate: a rise, a plateau, and a fall to a tenth over the last steps."""
    rise = min(1.0, (step + 1) / max(1, options.warmup_steps))
    left = (options.steps - step) / max(1, options.decay_steps)
    return options.rate * rise * max(0.1, min(1.0, left))


def batches(everything, tokens):
    """The examples in their order, cut into batches of about so many tokens."""
    batch, count = [], 0
    for example in everything:
        batch.append(example)
        count += sum(map(len, example.sequences()))
        if count >= tokens:
            yield batch
            batch, count = [], 0
    if batch:
        yield batch


def forward(network, batch, digits, options):
    """The losses of a batch in one packed pass, and the number of tokens computed."""
    packed = tree.pack([example.sequences() for example in batch])
    rows = [row for example in batch for row in example.rows]
    states = tree.hidden_states(network, packed)
    places = torch.cat(losses.trained_places(packed, rows))
    found = losses.Losses(digits, options)
    found.add_batch(batch, model.logits(network, states[places]))
    return found, packed.count


@torch.no_grad()
def judged(network, options, digits):
    """(group, 1 if right else 0, example, expected scores) of each direct item of `options.looks`."""
    looked_at = examples.read(required(options.looks, "rft.looks"))
    for batch in batches(looked_at, options.pack_tokens):
        found, _ = forward(network, batch, digits, options)
        for (group, verdict), (example, means) in zip(found.verdicts, found.readings):
            yield group, verdict, example, means


def joined(found):
    """The (sums of losses, tokens, verdicts) of all processes as one."""
    sums = {}
    for each, _, _ in found:
        for name, value in each.items():
            sums[name] = sums.get(name, 0.0) + value
    return (sums, sum(tokens for _, tokens, _ in found),
            [verdict for _, _, verdicts in found for verdict in verdicts])


class Training(Tuned):
    """A supervised run."""

    def __init__(self, settings):
        self.options = settings.rft
        self.digits = examples.read_digits(required(self.options.examples, "rft.examples"))
        super().__init__(settings, required(self.options.folder, "rft.folder"))
        if not self.resume() and self.options.start:
            self.begin(self.options.start)

    def endless(self):
        """Batches in order, from the beginning of the data again after its end."""
        while True:
            everything = examples.blended(self.options.examples, self.options.beside)
            yield from batches(everything, self.options.batch_tokens)

    def learn(self, batch):
        """One step. Returns its metrics."""
        begun = time.monotonic()
        rate = rate_at(self.step, self.options)
        sums, tokens, verdicts = {}, 0, []
        for part in ranks.dealt(list(batches(batch, self.options.pack_tokens))):
            found, count = forward(self.network, part, self.digits, self.options)
            share = len(part) / len(batch)
            loss = found.total() * share
            loss.backward()
            tokens += count
            verdicts += found.verdicts
            for name, value in [("loss", found.total()), *found.means().items()]:
                sums[name] = sums.get(name, 0.0) + share * float(value.detach())
        norm = self.update(rate)
        sums, tokens, verdicts = joined(ranks.gathered((sums, tokens, verdicts)))
        seconds = time.monotonic() - begun
        right = [each for _, each in verdicts]
        return {"step": self.step, **sums, "norm": norm, "rate": rate,
                "right": sum(right) / len(right) if right else None, "verdicts": verdicts,
                "tokens": tokens, "seconds": seconds, "tokens_per_second": tokens / seconds}

    def look(self):
        """Judges the examples that are never trained on, and logs the share of right ones."""
        right = {}
        for group, verdict, _, _ in judged(self.network, self.options, self.digits):
            right.setdefault(group, []).append(verdict)
        everything = [verdict for group in right.values() for verdict in group]
        by_group = {group: sum(each) / len(each) for group, each in sorted(right.items())}
        self.run.log(step=self.step, look_right=sum(everything) / max(1, len(everything)),
                     look_count=len(everything), look_groups=by_group)

    def go(self):
        """Trains to the last step."""
        data = self.endless()
        for _ in range(self.step):
            next(data)
        while self.step < self.options.steps:
            self.run.log(**self.learn(next(data)))
            if self.step % self.options.save_steps == 0 or self.step == self.options.steps:
                self.save()
                self.run.draw(PLOTTED)
            if self.options.looks and (self.step % self.options.look_steps == 0
                                       or self.step == self.options.steps):
                self.look()


def main(settings):
    Training(settings).go()
