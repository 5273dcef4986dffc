"""`spct meta`: the meta-RM, a second model with a scalar head that says whether a judgment is right.

It reads what the judge read, what the judge wrote and the end of that turn; the logistic function of
its head there is the probability, of a judgment in several parts the mean over the parts. Trained by
cross-entropy, a LoRA under the head. Each part has a target of its own: how often a judgment with it
would be right by Eq. 10, its other parts taken from any judgment of the item, as parts are written
without sight of one another. That says of a part what the one judgment that it happened to stand in
says with much more noise.

A judge seldom gives an item both high and low scores, so that samples teach the head which items are
easy long before they teach it which score is right. `meta.redrawn` replaces scores by others that are
drawn evenly: there only what score and response have to do with one another can tell.
"""

import time

import torch

from . import examples, export, items, losses, model, probe, ranks, reject, rft
from .settings import required
from .tuned import Tuned

PLOTTED = ["loss", "area", "area_within"]
HIGHEST = 10


def with_score(tokens, score, digits):
    """A part's tokens with another score in the place of its own, which is its last digits."""
    start = end = losses.digit_places(tokens, 1, set(digits))[0]
    while end < len(tokens) and tokens[end] in digits:
        end += 1
    return [*tokens[:start], *(digits[int(figure)] for figure in str(score)), *tokens[end:]]


def redrawn(item, judgments, digits, share, key):
    """The judgments of an item with that share of their scores drawn anew; `key` makes the draws. What was
    not scored and what has several responses in one prompt stay as they are."""
    random_ = items.draws("redrawn", key, item.id)

    def changed(judgment):
        scores, parts = list(judgment["scores"]), []
        for part in judgment["parts"]:
            if scores and len(part["order"]) == 1 and random_.random() < share:
                score = random_.randint(1, HIGHEST)
                scores[part["order"][0]] = float(score)
                part = {**part, "tokens": with_score(part["tokens"], score, digits)}
            parts.append(part)
        return {**judgment, "scores": scores, "parts": parts}

    return [changed(judgment) for judgment in judgments]


class MetaTraining(Tuned):
    """A run over samples: the adapter and the head."""

    def __init__(self, settings, lines, turn_end, digits=()):
        """`lines`: what `probe.judged` gives; `turn_end`: the tokens that end an answer; `digits`: those
        of "0" to "9", which only `redrawn` needs."""
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
            begun = self.begin(self.options.start)
            if "head" in begun:
                self.head.load_state_dict(begun["head"])
        self.data, self.held = [], []
        for item, judgments, found in lines:
            if items.draws("held", item.id).random() < self.options.held_share:
                self.held.append((item, judgments, found))
                continue
            shown = redrawn(item, judgments, digits, self.options.redrawn, settings.seed)
            targets = torch.tensor(reject.shares_right(item, shown, judgments), device=settings.rft.device)
            self.data.append((shown, found, targets))
        if not self.data:
            raise ValueError(f"{settings.sample.output}: expected samples, found none to train on")

    def said_of(self, judgments, found):
        """For each judgment of an item: what the head says of its parts, before the logistic function."""
        return [self.head(parts)[:, 0]
                for parts in probe.states(self.network, judgments, found, self.turn_end)]

    def learn(self):
        """One step on the items that are next. Returns its metrics."""
        begun, loss = time.monotonic(), 0.0
        size = self.options.batch_items
        for place in range(self.step * size, (self.step + 1) * size):
            judgments, found, targets = self.data[place % len(self.data)]
            said = torch.cat(self.said_of(judgments, found))
            value = torch.nn.functional.binary_cross_entropy_with_logits(said, targets) / size
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
                for index, parts in enumerate(self.said_of(judgments, found))]

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
    training = MetaTraining(settings, probe.judged(settings), probe.turn_end(settings.source),
                            examples.digits_of(settings.source)[0])
    training.go()
    state = model.adapter_state(training.adapted)
    target = training.run.folder / "adapter"
    export.write(target, state, settings.adapter, head=training.head)
    print(f"{target}: grmctl import {target} --onto VERSION --role meta-rm")
