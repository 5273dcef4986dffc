"""`spct meta`: the meta-RM, a second model with a scalar head that says whether a judgment is right.

It reads what the judge read, what the judge wrote and the end of that turn; the logistic function of
its head there is the probability, of a judgment in several parts the mean over the parts. Trained like
the probe, by the cross-entropy of that mean against Eq. 10, but with a LoRA under the head.
"""

import time

import torch

from . import export, items, model, probe, ranks, reject
from .settings import required
from .tuned import Tuned

PLOTTED = ["loss", "right", "area"]


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

    def probabilities(self, line):
        """(probability, label) of each judgment of an item."""
        item, judgments, found = line
        parts = probe.states(self.network, judgments, found, self.turn_end)
        return [(torch.sigmoid(self.head(each)).mean(), reject.is_right(item, judgment["scores"]))
                for each, judgment in zip(parts, judgments)]

    def learn(self):
        """One step on the items that are next. Returns its metrics."""
        begun, loss, right = time.monotonic(), 0.0, []
        size = self.options.batch_items
        for place in range(self.step * size, (self.step + 1) * size):
            said = self.probabilities(self.data[place % len(self.data)])
            value = sum(torch.nn.functional.binary_cross_entropy(
                each.clamp(1e-6, 1 - 1e-6), torch.tensor(float(label), device=each.device))
                for each, label in said) / len(said) / size
            value.backward()
            loss += value.item()
            right += [(each.item() > 0.5) == label for each, label in said]
        self.update(self.options.rate)
        return {"step": self.step, "loss": loss, "right": sum(right) / len(right),
                "seconds": time.monotonic() - begun}

    @torch.no_grad()
    def said(self):
        """(item, index of the judgment, probability, whether right) of what is held out."""
        return [(line[0].id, index, each.item(), label) for line in self.held
                for index, (each, label) in enumerate(self.probabilities(line))]

    def area(self):
        """The area under the curve on the items that are held out, whose judgments are written too."""
        said = self.said()
        probe.write_said(self.run.folder, said)
        return probe.area_under_curve([row[2] for row in said], [row[3] for row in said])

    def go(self):
        """Trains to the last step."""
        options = self.options
        while self.step < options.steps:
            metrics = self.learn()
            is_due = self.step % options.save_steps == 0 or self.step == options.steps
            if is_due:
                metrics["area"] = self.area()
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
