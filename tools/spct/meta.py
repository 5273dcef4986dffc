"""`spct meta`: the meta-RM, a second model with a scalar head that says whether a judgment is right.

It reads what the judge read, what the judge wrote and the end of that turn; the logistic function of
its head there is the probability, of a judgment in several parts the mean over the parts. Trained by
cross-entropy, a LoRA under the head. Each part has a target of its own: how often a judgment with it
would be right by Eq. 10, its other parts taken from any judgment of the item, as parts are written
without sight of one another. That says of a part what the one judgment that it happened to stand in
says with much more noise.
"""

import time

import torch

from . import export, items, model, probe, ranks, reject, rft
from .settings import required
from .tuned import Tuned

PLOTTED = ["loss", "area", "area_within"]


class MetaTraining(Tuned):
    """A run over samples: the adapter and the head."""

    def __init__(self, settings, lines, turn_end):
        """`lines`: what `probe.judged` gives; `turn_end`: the tokens that end an answer."""
        self.options, self.turn_end = settings.meta, turn_end
        super().__init__(settings, required(self.options.folder, "meta.folder"))
        self.head = torch.nn.Linear(self.network.config.hidden_size, 1, device=settings.rft.device)
        torch.nn.init.zeros_(self.head.weight)
        torch.nn.init.zeros_(self.head.bias)
        self.trained += list(self.head.parameters())
        self.optimizer.add_param_group({"params": list(self.head.parameters())})
        state = self.resume()
        if state:
            self.head.load_state_dict(state["head"])
        elif self.options.start:
            self.begin(self.options.start)
        self.data, self.held = [], []
        for line in lines:
            out = items.draws("held", line[0].id).random() < self.options.held_share
            (self.held if out else self.data).append(line)
        if not self.data:
            raise ValueError(f"{settings.sample.output}: expected samples, found none to train on")

    def said_of(self, line):
        """For each judgment of an item: what the head says of its parts, before the logistic function."""
        _, judgments, found = line
        return [self.head(parts)[:, 0]
                for parts in probe.states(self.network, judgments, found, self.turn_end)]

    def loss(self, said, line):
        """The mean cross-entropy of the parts of an item's judgments."""
        targets = torch.tensor(reject.shares_right(line[0], line[1]), device=said[0].device)
        return torch.nn.functional.binary_cross_entropy_with_logits(torch.cat(said), targets)

    def learn(self):
        """One step on the items that are next. Returns its metrics."""
        begun, loss = time.monotonic(), 0.0
        size = self.options.batch_items
        for place in range(self.step * size, (self.step + 1) * size):
            line = self.data[place % len(self.data)]
            value = self.loss(self.said_of(line), line) / size
            value.backward()
            loss += value.item()
        self.update(rft.rate_at(self.step, self.options))
        return {"step": self.step, "loss": loss, "seconds": time.monotonic() - begun}

    @torch.no_grad()
    def said(self):
        """(item, index of the judgment, probability, whether right) of what is held out."""
        return [(item.id, index, torch.sigmoid(parts).mean().item(),
                 reject.is_right(item, judgments[index]["scores"]))
                for item, judgments, found in self.held
                for index, parts in enumerate(self.said_of((item, judgments, found)))]

    def areas(self):
        """The areas under the curve on the items that are held out, whose judgments are written too: of
        all judgments, and within items."""
        said = self.said()
        probe.write_said(self.run.folder, said)
        return {"area": probe.area_under_curve([row[2] for row in said], [row[3] for row in said]),
                "area_within": probe.area_within(said)}

    def go(self):
        """Trains to the last step."""
        options = self.options
        while self.step < options.steps:
            metrics = self.learn()
            is_due = self.step % options.save_steps == 0 or self.step == options.steps
            if is_due:
                metrics |= self.areas()
            self.run.log(**metrics)
            if is_due:
                self.save(head=self.head.state_dict())
                self.run.draw(PLOTTED)


def main(settings):
    ranks.alone("spct meta")
    training = MetaTraining(settings, probe.judged(settings), probe.turn_end(settings.source))
    training.go()
    state = model.adapter_state(training.adapted)
    target = training.run.folder / "adapter"
    export.write(target, state, settings.adapter, head=training.head)
    print(f"{target}: grmctl import {target} --onto VERSION --role meta-rm")
