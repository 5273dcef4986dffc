"""What all rows of the figures of a judge share: the versions, a grmd that serves them, the items,
the answers."""

from contextlib import contextmanager
from dataclasses import dataclass, field

from evaluation.asking import Asker
from evaluation.curve import series_of
from evaluation.items import by_source, conversations
from evaluation.measures import figures_of
from evaluation.setting import EvaluationFailure
from method.bench import Judge
from method.items import files, items_of
from report import Figure, FiguresFailure


@dataclass(frozen=True)
class Sizes:
    """How much is measured; None: everything there is."""

    direct: object = None  # dev items of each source that are judged without a critique
    compared: object = 60  # items of each source, and of LLMBar, that every way judges
    eval: object = 200  # items of each file of eval/
    votes: object = 40  # dev items of each source for the votes without critiques
    critiques: object = 10  # and with them
    tokens: int = 192  # of a critique
    questions: int = 30  # that every master key answers
    longest: int = 6000  # characters of an item
    counts: tuple = (1, 8, 32)

    def limited(self, count):
        """The same with at most `count` items of each source everywhere."""
        least = {name: count if value is None else min(count, value) for name, value in
                 (("direct", self.direct), ("compared", self.compared), ("eval", self.eval),
                  ("votes", self.votes), ("critiques", self.critiques),
                  ("questions", self.questions))}
        return Sizes(**least, tokens=self.tokens, longest=self.longest, counts=self.counts)


QUICK = Sizes(1, 1, 1, 1, 1, 16, 1, 500, (1, 4))


class Data:
    """dev.jsonl and eval/*.jsonl of a folder."""

    def __init__(self, folder, longest):
        dev, *others = files(folder)
        self.dev, self.longest = items_of(dev), longest
        self.eval = {file.stem: items_of(file) for file in others}

    def sample(self, items, count):
        """At most `count` items of each source, the sources by turns."""
        return by_source(items, count, self.longest)

    def questions(self, count):
        """Items with `count` different conversations."""
        return conversations(self.dev, count, self.longest, "master keys")


@dataclass
class Run:
    """`judge`: what is measured, the model with its adapter if there is one; `base`: the model as
    it comes, None where that is the judge; `meta`: the name of the meta-RM's version, or None;
    `is_rated`: whether judgments are, by the meta-RM or by the judge's own probe."""

    store: object
    judge: Judge
    base: object
    meta: object
    is_rated: bool
    data: Data
    sizes: Sizes
    clock: object
    report: object
    records: object
    series: dict = field(default_factory=dict)  # of the scaling curve
    greedy: dict = field(default_factory=dict)  # {id: credit} of the judge's greedy row on dev
    notes: dict = field(default_factory=dict)  # of the versions that served

    @contextmanager
    def asking(self, judge, meta=None):
        """An asker of a grmd that serves this judge, beside the meta-RM if one is named."""
        if meta is not None:
            self.store.control("activate", judge.name, "--meta-rm", meta, "--offline", "--reason",
                               "figures")
            self.store.active = judge
        try:
            with self.store.serving(judge) as local, Asker(
                    str(local.socket), self.records, (judge.digest, meta or "")) as asker:
                yield asker
        except EvaluationFailure as failure:
            raise FiguresFailure(str(failure)) from failure
        finally:
            if meta is not None:
                self.store.active = None  # the next activation is one without the meta-RM

    def judged(self, asker, name, items, setting):
        """(item, record) of the items that there is time for."""
        served = asker.probe(setting)
        self.notes[served.grm.name] = {"digest": served.grm.digest,
                                       "template": served.template_digest,
                                       "daemon": served.daemon}
        return asker.judged(name, items, setting, self.clock.allows)

    def figures(self, name, setting, judged, curve=None):
        """{(figure, row, group): figure} of judged items, each renamed to say what was judged.
        `curve`: what its series are called in the picture; None leaves them out."""
        measured = figures_of(setting, judged)
        if curve is not None:
            self.series.update(series_of(measured, prefix=curve))
        found = {}
        for each in measured:
            row, group = each.conditions["row"], each.conditions["group"]
            found[each.figure, row, group] = each
            each.figure = ", ".join(part for part in (name, each.figure, row, group) if part)
        return found

    def add(self, figure, limit=None, above=None):
        """Adds a figure; `limit`: what it is to reach, `above`: what its interval is to be above."""
        if limit is not None:
            figure.at_least(limit)
        if above is not None:
            figure.target, figure.met = f"interval above {above:g}", figure.low > above
        return self.report.add(figure)

    def add_difference(self, name, difference, count, **conditions):
        """Adds a paired difference of credits, which is to be above nothing by its interval."""
        if difference is None:
            self.report.leave_out(name, "no item was judged in both ways")
            return
        value, low, high = (100 * each for each in difference)
        self.add(Figure(name, value, "points", low, high, count, conditions=conditions), above=0)
