"""Where the rows are measured: the models, a grmd of the run's own, the clock, what is known."""

import os
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from grmd import Client, GrmdError, InvalidRequest, JudgeFailed, request
from grmd.local import LocalFailure, LocalGrmd
from method.records import Records, key_of
from report import FiguresFailure, say

ROOT = Path(__file__).resolve().parents[3]
HOME = ROOT / ".build" / "figures" / "method"


@dataclass(frozen=True)
class Judge:
    """A version in the store of the run."""

    name: str
    file: Path  # of the model; an adapter has no tokenizer of its own
    digest: str  # of the files that it was made of: the version's own differs between two imports


class Store:
    """The state folder of the run, which goes with it."""

    def __init__(self, programs):
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="grmd-figures-"))
        self.state = self.folder / "state"
        self.active = None

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def stamp(self):
        """What tells one build of grmd from another: the times of one say nothing of the other."""
        found = (self.programs / "grmd").stat()
        return f"{found.st_size} {found.st_mtime_ns}"

    def control(self, *arguments):
        local = LocalGrmd(self.programs, self.state)
        try:
            return local.control(*arguments)
        except LocalFailure as failure:
            raise FiguresFailure(str(failure)) from failure
        finally:
            local.close()

    @contextmanager
    def serving(self, judge, **settings):
        """A grmd that serves the judge; settings have `_` for the dot of their name."""
        if self.active != judge:
            self.control("activate", judge.name, "--offline", "--reason", "figures")
            self.active = judge
        given = {name.replace("__", "."): value for name, value in settings.items()}
        local = LocalGrmd(self.programs, self.state, given)
        try:
            local.start()
            yield local
        except LocalFailure as failure:
            raise FiguresFailure(str(failure)) from failure
        finally:
            local.close()


def programs():
    """The folder of grmd and grmctl in release: GRMD_BIN, or that of the checkout, which is built
    if need be."""
    if "GRMD_BIN" in os.environ:
        return Path(os.environ["GRMD_BIN"]).resolve()
    folder = ROOT / ".build" / "release"
    for product in ("grmd", "grmctl"):
        if not (folder / product).exists():
            say(f"  building {product} in release (the first time takes minutes)")
            built = subprocess.run(["swift", "build", "-c", "release", "--product", product],
                                   cwd=ROOT, check=False, stdout=subprocess.DEVNULL)
            if built.returncode != 0:
                raise FiguresFailure(f"the build of {product} failed")
    return folder


class Clock:
    """The time of a quick run, of which every row has a share; a full run takes what it takes."""

    def __init__(self, limit_seconds=None):
        self.begin = time.monotonic()
        self.limit_seconds = limit_seconds
        self.row_end = None

    @property
    def seconds(self):
        return time.monotonic() - self.begin

    def start_row(self, share):
        """Begins a row that may have this share of all the time."""
        if self.limit_seconds is not None:
            self.row_end = min(self.seconds + share * self.limit_seconds, self.limit_seconds)

    def allows(self, seconds=0):
        return self.row_end is None or self.seconds + seconds < self.row_end

    def step(self, text):
        say(f"[{self.seconds:6.0f} s] {text}")


class Progress:
    """A line now and then about how far a row is."""

    def __init__(self, name, count):
        self.name, self.count = name, count
        self.begin = self.told = time.monotonic()

    def at(self, done):
        now = time.monotonic()
        if now - self.told < 10 and done < self.count or done == 0:
            return
        self.told = now
        left = (now - self.begin) * (self.count - done) / done
        say(f"      {self.name}: {done} of {self.count}, {now - self.begin:.0f} s"
            + (f", about {left:.0f} s to go" if done < self.count else ""))


@dataclass
class Tally:
    """All judgments that the rows saw, for the row about those that cannot be parsed."""

    judgments: int = 0
    unparsable: int = 0
    unparsable_unflagged: int = 0
    truncated: int = 0
    other: int = 0
    by_row: dict = field(default_factory=dict)

    def add(self, row, record):
        if "error" in record:
            return
        for name in ("judgments", "unparsable", "unparsable_unflagged", "truncated", "other"):
            setattr(self, name, getattr(self, name) + record[name])
        self.by_row[row] = self.by_row.get(row, 0) + record["judgments"]


class Judging:
    """Calls to a running grmd whose verdicts are kept."""

    def __init__(self, bench, row, local, at_once=4):
        self.bench, self.row, self.local, self.at_once = bench, row, local, at_once
        # A client for each call at a time: on one connection they would wait for one another.
        self.clients = [Client(str(local.socket)) for _ in range(at_once)]

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for client in self.clients:
            client.close()

    def record(self, message, place=0, *key_parts):
        """What the judge says of a request, by this grmd or an earlier one."""
        key = key_of(message, *key_parts)
        found = self.bench.records.get(key, lambda: self.ask(message, place))
        self.bench.tally.add(self.row, found)
        return found

    def ask(self, message, place=0):
        begin = time.monotonic()
        try:
            verdict = self.clients[place % self.at_once].send(message)
        except GrmdError as error:
            # Only what the same request meets again is an answer to it.
            if not isinstance(error, (InvalidRequest, JudgeFailed)):
                raise FiguresFailure(f"{error!r}; grmd says: {self.local.log_end()}") from error
            return {"error": str(error.code or error.status.name), "message": str(error)}
        return record_of(verdict, time.monotonic() - begin)

    def records(self, name, batches):
        """The records of each batch of messages, in order, as long as there is time; a batch is
        taken whole or not at all. Several batches are asked for at once."""
        batches = list(batches)
        progress, done = Progress(name, len(batches)), []
        with ThreadPoolExecutor(self.at_once) as pool:
            for start in range(0, len(batches), self.at_once):
                if start > 0 and not self.bench.clock.allows():
                    break
                chunk = batches[start:start + self.at_once]
                done += pool.map(lambda work: [self.record(each, work[0]) for each in work[1]],
                                 enumerate(chunk))
                progress.at(len(done))
        return done

    def refusal(self, **options):
        """What speaks against options, asked with the smallest request; None if nothing does."""
        try:
            self.clients[0].send(request("Name a prime.", ["7", "8"], seed=1,
                                         **{"k": 2, **options}))
        except InvalidRequest as error:
            return f"{error.subject}: expected {error.expected}, found {error.found}"
        return None


def record_of(verdict, seconds):
    """What of a verdict the figures need, as JSON."""
    outcomes = [(str(each.outcome), each.truncated) for judgment in verdict.judgments
                for each in (judgment.parts or (judgment,))]
    unparsable = [truncated for outcome, truncated in outcomes if outcome == "unparsable"]
    return {
        "best": list(verdict.best), "means": list(verdict.means), "k": verdict.k_drawn,
        "counted": verdict.k_counted, "reason": str(verdict.stop_reason),
        "bound": verdict.stop_bound, "k_limit": verdict.k_limit,
        "scores": [list(each.scores) if each.counted else None for each in verdict.judgments],
        "tokens": [each.generated_tokens for each in verdict.judgments],
        "generated": verdict.usage.generated_tokens, "prompt": verdict.usage.prompt_tokens,
        "computed": verdict.usage.prompt_tokens_computed, "seconds": seconds,
        "judgments": len(outcomes), "unparsable": len(unparsable),
        "unparsable_unflagged": unparsable.count(False),
        "truncated": sum(1 for _, truncated in outcomes if truncated),
        "other": sum(1 for outcome, _ in outcomes if outcome not in ("scored", "unparsable")),
        "sources": sorted({str(each.principle_source) for each in verdict.judgments}),
    }


@dataclass
class Bench:
    """What all rows of one judge share."""

    store: Store
    judge: Judge
    items: list
    sizes: object
    clock: Clock
    report: object
    records: Records
    tally: Tally = field(default_factory=Tally)

    def name(self, figure):
        return f"{self.judge.name}: {figure}"

    def add(self, figure):
        figure.figure = self.name(figure.figure)
        figure.conditions = {"model": self.judge.name, **figure.conditions}
        return self.report.add(figure)

    def leave_out(self, figure, reason):
        self.report.leave_out(self.name(figure), reason)
