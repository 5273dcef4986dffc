"""tools/figures engine: set-up, the measurements one after the other, the table."""

import os
import platform
import sys
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from engine import contest, daemon, models, peer, plot, prompts, quality, roofline, workplace
from engine.ours import Store
from engine.schedule import FULL, QUICK, QUICK_SECONDS, Clock, Schedule
from options import is_wanted, parsed
from report import Figure, FiguresFailure, Report, say

TARGETS = {8: 4, 32: 6, "prefill": 3, "decode": 1.3, "share": 60}
LARGE_TARGETS = {8: 2.5, 32: 3}


@dataclass
class Run:
    """What all measurements of a run share."""

    schedule: Schedule
    clock: Clock
    report: Report
    threads: int  # at most this many; every pair of engines also runs on one
    only: str = ""  # parts whose names do not hold this are left out
    rooflines: dict = field(default_factory=dict)

    @property
    def thread_counts(self):
        return sorted({self.threads, 1}, reverse=True)


def measure_roofline(run):
    run.clock.step("what this machine can do")
    for threads in run.thread_counts:
        found = run.rooflines[threads] = roofline.measure(threads)
        for value, unit, name in ((found.int8_gops, "Gop/s", f"int8 peak ({found.int8_name})"),
                                  (found.f32_gflops, "GFLOP/s", f"f32 peak ({found.f32_name})"),
                                  (found.cache_gbs, "GB/s", "last cache, reading"),
                                  (found.memory_gbs, "GB/s", "memory, reading")):
            run.report.add(Figure.of(f"{name}, {threads} threads", [value], unit, threads=threads))


def measure_small(run, model):
    """Every row of the default model, the ones with the greatest weight first."""
    if any(is_wanted(part, run.only) for part in ("judgments/s, k = 8", "judgments/s, k = 32",
                                                  "prefill and decode")):
        run.clock.step("the peer's types, flash attention and KV")
        contest.choose_ways(model, run.schedule, run.threads, run.clock)
    for samples in (8, 32):
        attempt(run, f"judgments/s, k = {samples}", contest.compare_judgments, model, run.threads,
                samples)
    attempt(run, "prefill and decode", contest.compare_phases, model, run.threads)
    attempt(run, "seconds per judgment as k grows", contest.measure_scaling, model)
    attempt(run, "grmd itself", daemon.measure, model)
    attempt(run, "KL from f32", quality.measure, model)
    if run.threads > 1:
        attempt(run, "prefill and decode, 1 thread", contest.compare_phases, model, 1)
        for samples in (8, 32):
            attempt(run, f"judgments/s, k = {samples}, 1 thread", contest.compare_judgments, model,
                    1, samples)


def measure_large(run, store, bundled, data):
    """The first two rows with the model of 1.5 thousand million parameters."""
    name = models.QWEN.name
    file = models.chunked(models.QWEN, data)
    model = contest.contestant(store, name, file, bundled, LARGE_TARGETS)
    run.clock.step(f"{name}: the peer's types, flash attention and KV")
    run = replace(run, schedule=replace(run.schedule, lengths=("800",), way_tokens=16,
                                        prompts={1: 2, 8: 3, 32: 2}, ways=contest.large_ways()))
    contest.choose_ways(model, run.schedule, run.threads, run.clock)
    for threads in run.thread_counts:
        for samples in (8, 32):
            contest.compare_judgments(run, model, threads, samples)
    contest.compare_phases(run, model, run.threads)


def attempt(run, name, measurement, *arguments):
    """One part of the run; where it cannot be done, the others still are."""
    if not is_wanted(name, run.only):
        return
    try:
        measurement(run, *arguments)
    except FiguresFailure as failure:
        run.report.leave_out(name, str(failure))


def warn_if_busy():
    """Says so where other work would spoil the figures."""
    load = workplace.load()
    if load > 0.5:
        say(f"other work is running (load {load:.1f}): times will be too long, and those of two "
            "threads by much; the ratios need a quiet machine")
    return load


def finish(run, options, load):
    """The table, the plot's place, the JSON file, what falls short."""
    print(f"\nengine figures, {date.today()}, {workplace.machine()}, {platform.system()} "
          f"{platform.release()}; llama.cpp of llama-cpp-python {peer.VERSION}; load before "
          f"{load:.1f}" + ("; --quick" if options.quick else "") + "\n")
    print(run.report.table())
    short = run.report.shortfalls()
    for figure in short:
        print(f"\nfalls short: {figure.figure}: {figure.value:.3g} {figure.unit}, "
              f"to reach {figure.target}", end="")
    print(f"\n{len(short)} rows fall short; {run.clock.seconds:.0f} s\n")
    if options.json:
        run.report.write_json(options.json, date=str(date.today()), machine=workplace.machine(),
                              quick=options.quick, load_before=round(load, 2),
                              llama_cpp_python=peer.VERSION)


def main():
    options = parsed("engine", sys.argv[1:])
    say("set-up")
    programs = workplace.our_programs()
    peer.build()
    store, bundled = Store(programs), prompts.all_prompts()
    model = contest.contestant(store, "smollm2-135m-q4_1", models.smollm(), bundled, TARGETS)
    for kind in ("Q4_0", "Q8_0", "BF16", "F32"):
        peer.file_of_type(model.file, kind)
    store.version(model.file, "f32")
    load = warn_if_busy()
    run = Run(QUICK if options.quick else FULL, Clock(QUICK_SECONDS if options.quick else None),
              Report(), min(2, os.cpu_count() or 1), options.only)
    measure_roofline(run)
    measure_small(run, model)
    large = f"{models.QWEN.name}: judgments/s, k = 8 and 32"
    if run.schedule.has_large_model:
        attempt(run, large, measure_large, store, bundled,
                Path(options.data) if options.data else None)
    else:
        run.report.leave_out(large, "only without --quick")
    picture = workplace.HOME / "seconds-per-judgment.svg"
    plot.draw(model.per_judgment, f"{model.name}, 800-token prompt, 128 tokens each, "
              f"{run.threads} threads", picture)
    say(f"plot: {picture}")
    finish(run, options, load)


if __name__ == "__main__":
    try:
        main()
    except FiguresFailure as failure:
        sys.exit(f"tools/figures: {failure}")
