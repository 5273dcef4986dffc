"""tools/figures training: `spct rl` beside plain TRL, step about step on the same machine."""

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tools" / "python")]

from engine import workplace  # noqa: E402  (the paths are set above)
from method.bench import programs  # noqa: E402
from options import parsed  # noqa: E402
from report import Figure, FiguresFailure, Report, say  # noqa: E402
from spct import environment  # noqa: E402
from training.material import GROUP, LINE_TOKENS, QUICK, Sizes  # noqa: E402

TRL = "1.16.0"
TARGET = 2.0  # times the peer's tokens per second
VENV = workplace.HOME / "training" / "venv"


class Peer:
    """TRL in a process of its own, which rests between its steps."""

    def __init__(self, folder, run, rows, sizes):
        from spct import model

        given = {"model": run.rft.model, "threads": run.rft.threads, "rows": rows,
                 "prompts": sizes.prompts, "group": GROUP, "steps": sizes.steps + 1,
                 "tokens": sizes.tokens + LINE_TOKENS, "temperature": run.rl.temperature,
                 "kl": run.rl.kl, "clip": run.rl.clip, "rate": run.rl.rate,
                 "rank": run.adapter.rank, "alpha": run.adapter.alpha, "modules": model.LINEAR}
        path = folder / "peer.json"
        path.write_text(json.dumps(given))
        self.log = folder / "peer.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, Path(__file__).with_name("peer.py"), path], text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                env={**os.environ, "OMP_WAIT_POLICY": "passive", "TQDM_DISABLE": "1",
                     "HF_HUB_OFFLINE": "1"})
        self.answer("ready")

    def answer(self, wanted):
        """The next line that has what is wanted."""
        for line in self.process.stdout:
            found = json.loads(line)
            if wanted in found:
                return found
        raise FiguresFailure(f"TRL ended early: {self.log.read_text()[-1500:].strip()}")

    def step(self):
        """(seconds, tokens sampled, tokens learned from) of a step."""
        self.process.stdin.write("step\n")
        self.process.stdin.flush()
        found = self.answer("seconds")
        return found["seconds"], found["generated"], found["generated"]

    def close(self):
        self.process.kill()
        self.process.wait()


class Ours:
    """`spct rl` in this process, and its grmd."""

    def __init__(self, run, known):
        import torch
        from grmd import Client
        from spct import model, rl

        begun = model.adapter_state(model.adapted(run))
        torch.save({"adapter": begun}, run.rl.start)
        self.known, self.size = known, run.rl.round_items
        self.daemon = served(run)
        self.client = Client(str(self.daemon.socket))
        self.training = rl.Reinforcement(run, self.daemon, self.client)

    def step(self):
        """The same as `Peer.step`; a step has the push of the weights in it."""
        start = self.training.step * self.size
        begin = time.monotonic()
        self.training.round(self.known[start : start + self.size])
        seconds = time.monotonic() - begin
        line = self.training.run.lines()[-1]
        return seconds, line["generated"], line["trained"]

    def close(self):
        self.client.close()
        self.daemon.close()


def served(run):
    """A grmd that serves the model as it is, from the state folder of the run."""
    from grmd.local import LocalGrmd

    local = LocalGrmd(run.rl.programs, run.source.state)
    local.control("activate", "smol", "--offline", "--reason", "figures")
    local.start()
    return local


def imported(run):
    """Puts the model into the store of the run."""
    from grmd.local import LocalGrmd

    local = LocalGrmd(run.rl.programs, run.source.state)
    local.control("import", run.rft.model, "--name", run.source.version)
    local.close()


def alternate(ours, peer, steps):
    """The steps of both, in turn; the first of each is not counted."""
    found = {"spct": [], "TRL": []}
    for step in range(steps + 1):
        for name, trainer in (("spct", ours), ("TRL", peer)):
            seconds, generated, trained = trainer.step()
            say(f"  step {step} of {steps}, {name}: {seconds:.1f} s, {generated} tokens sampled, "
                f"{trained} learned from" + (" (warming up)" if step == 0 else ""))
            if step > 0:
                found[name].append((seconds, generated, trained))
    return found


def add_figures(report, found, sizes, threads):
    """Tokens per second and seconds per step of both, and the ratio of neighbouring steps."""
    kept = {"model": "SmolLM2-135M", "dtype": "float32", "prompts": sizes.prompts, "group": GROUP,
            "tokens": sizes.tokens, "threads": threads, "peer": f"TRL {TRL}"}
    rates = {}
    for name, steps in found.items():
        rates[name] = [(generated + trained) / seconds for seconds, generated, trained in steps]
        report.add(Figure.of(f"{name}: sampled and learned", rates[name], "tokens/s", **kept))
        report.add(Figure.of(f"{name}: a step", [step[0] for step in steps], "s", **kept))
    ratios = [ours / theirs for ours, theirs in zip(rates["spct"], rates["TRL"])]
    report.add(Figure.of("spct to TRL, tokens/s", ratios, "", **kept).at_least(TARGET))
    seconds = [theirs[0] / ours[0] for ours, theirs in zip(found["spct"], found["TRL"])]
    report.add(Figure.of("TRL to spct, seconds of a step", seconds, "", **kept))


def measure(folder, sizes, report):
    from training import material

    model = Path(workplace.run([ROOT / "tools" / "model"], "tools/model").splitlines()[-1])
    threads = min(2, len(os.sched_getaffinity(0)))
    run = material.run_settings(folder, programs(), model, sizes, threads)
    known = material.write_items(run, sizes)
    imported(run)
    rows = material.peer_rows(run, known)
    peer = ours = None
    try:
        say("starting both")
        peer = Peer(folder, run, rows, sizes)
        ours = Ours(run, known)
        add_figures(report, alternate(ours, peer, sizes.steps), sizes, threads)
    finally:
        for trainer in filter(None, (peer, ours)):
            trainer.close()


def in_own_python():
    """Goes on in the Python that has PyTorch and TRL, made once."""
    try:
        wanted = environment.python(VENV, (f"trl=={TRL}",))
    except environment.SetupFailure as failure:
        raise FiguresFailure(str(failure)) from failure
    if Path(sys.executable) != wanted:
        os.execv(wanted, [str(wanted), "-m", "training", *sys.argv[1:]])


def main():
    options = parsed("training", sys.argv[1:], lambda parser: parser.add_argument(
        "--steps", metavar="N", type=int, help=f"steps of each ({Sizes.steps})"))
    say("set-up")
    os.environ["TQDM_DISABLE"] = "1"
    in_own_python()
    sizes = QUICK if options.quick else Sizes()
    sizes = replace(sizes, steps=options.steps or sizes.steps)
    report, load, begin = Report(), workplace.load(), time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="grmd-figures-"))
    try:
        measure(folder, sizes, report)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\ntraining figures, {date.today()}, {workplace.machine()}, {platform.system()} "
          f"{platform.release()}; TRL {TRL}; load before {load:.1f}"
          + ("; --quick" if options.quick else "") + "\n")
    print(report.table())
    print(f"\n{len(report.shortfalls())} rows fall short; {time.monotonic() - begin:.0f} s\n")
    if options.json:
        report.write_json(options.json, date=str(date.today()), machine=workplace.machine(),
                          quick=options.quick, load_before=round(load, 2), trl=TRL)


if __name__ == "__main__":
    # Whoever is told to end takes both trainings along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main()
    except FiguresFailure as failure:
        sys.exit(f"tools/figures: {failure}")
