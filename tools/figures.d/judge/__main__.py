"""tools/figures judge: imports the versions, measures the rows, prints the table."""

import platform
import signal
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tools" / "python")]

from grmd import GrmdError  # noqa: E402
from engine import workplace  # noqa: E402
from evaluation.curve import picture  # noqa: E402
from evaluation.items import DataError  # noqa: E402
from judge import rows  # noqa: E402
from judge.run import QUICK, Data, Run, Sizes  # noqa: E402
from method.__main__ import result_table  # noqa: E402
from method.bench import Clock, Judge, Store, programs  # noqa: E402
from method.records import Records, digest_of  # noqa: E402
from options import is_wanted, parsed  # noqa: E402
from report import FiguresFailure, Report, say  # noqa: E402

HOME = ROOT / ".build" / "figures" / "judge"
QUICK_SECONDS = 220
PROBE = "probe.safetensors"
# Each row with its share of a quick run; dev comes first: the votes are compared with it.
ROWS = {"dev": (rows.dev, 0.15), "eval sets": (rows.sets, 0.15), "votes direct": (rows.votes, 0.15),
        "votes critiques": (rows.critiques, 0.2), "untrained": (rows.untrained, 0.2),
        "master keys": (rows.master_keys, 0.15)}


def add_options(parser):
    parser.add_argument("--model", metavar="FILE", type=Path,
                        help="the model as it comes (default: that of tools/model)")
    parser.add_argument("--judge", metavar="ADAPTER_FOLDER", type=Path,
                        help="the adapter that is measured, imported onto the model; without it "
                        "the model is")
    parser.add_argument("--template", metavar="FILE", type=Path,
                        help="the prompt template that the adapter was trained with")
    parser.add_argument("--meta", metavar="FOLDER", type=Path,
                        help="what rates judgments: an adapter with a score head, imported onto the "
                        "model as the meta-RM; or a probe, imported onto the judge")
    parser.add_argument("--items", metavar="N", type=int, help="at most N items of each source")
    parser.add_argument("--curve", metavar="FILE.svg", type=Path,
                        help="draw accuracy over the number of judgments")
    parser.add_argument("--fresh", action="store_true", help="forget the answers of earlier runs")


def versions(store, options):
    """Imports what was given: (judge, base or None, name of the meta-RM or None). With a probe the
    judge is the version that has it."""
    model = (options.model or Path(workplace.run([ROOT / "tools" / "model"],
                                                 "tools/model").splitlines()[-1])).resolve()
    template = ["--prompt-template", options.template.resolve()] if options.template else []
    name, parts = model.name.removesuffix(".gguf").lower(), [model]
    say(f"  importing {name}")
    store.control("import", model, "--name", name)
    base, judge, meta, judged_by = Judge(name, model, digest_of(parts)), None, None, []
    if options.judge:
        folder = options.judge.resolve()
        trained = f"{name}+{folder.name}".lower()
        say(f"  importing {trained}")
        store.control("import", folder, "--onto", name, "--name", trained, *template)
        judged_by = [folder, *template[1:]]
        judge = Judge(trained, model, digest_of([*parts, *judged_by]))
    if options.meta and (options.meta / PROBE).exists():
        folder, judge = options.meta.resolve(), judge or base
        probed = f"{judge.name}+probe-{digest_of([folder])[:16]}"
        say(f"  importing {probed}")
        store.control("import", folder, "--onto", judge.name, "--name", probed)
        judge = Judge(probed, model, digest_of([*parts, *judged_by, folder]))
    elif options.meta:
        folder = options.meta.resolve()
        # The answers are kept under this name: it says which meta-RM rated them.
        meta = f"meta-rm-{digest_of([folder])[:16]}"
        say(f"  importing {meta}")
        store.control("import", folder, "--onto", name, "--name", meta, "--role", "meta-rm",
                      *template)
    return judge or base, base if options.judge else None, meta


def measure(run, only):
    """The rows that were asked for, and the reason of each that cannot be measured."""
    for name, (row, share) in ROWS.items():
        if not is_wanted(name, only):
            run.report.leave_out(name, f"not asked for: --only {only}")
            continue
        run.clock.step(name)
        run.clock.start_row(share)
        try:
            row(run)
        except (FiguresFailure, GrmdError) as failure:
            run.report.leave_out(name, str(failure))


def finish(run, options, load):
    """The table, what falls short, the JSON lines and the picture."""
    print(f"\njudge figures of {run.judge.name}, {date.today()}, {workplace.machine()}, "
          f"{platform.system()} {platform.release()}; load before {load:.1f}"
          + ("; --quick: too few for more than a look" if options.quick else "") + "\n")
    print(result_table(run.report))
    short = run.report.shortfalls()
    for figure in short:
        print(f"\nfalls short: {figure.figure}: {figure.value:.3g} {figure.unit} "
              f"({figure.low:.3g} - {figure.high:.3g}), to reach {figure.target}", end="")
    print(f"\n{len(short)} rows fall short; {run.clock.seconds:.0f} s\n")
    if options.json:
        run.report.write_json(options.json, date=str(date.today()), machine=workplace.machine(),
                              quick=options.quick, load_before=round(load, 2),
                              judged=run.judge.name, versions=run.notes)
    if options.curve and run.series:
        options.curve.write_text(picture(run.series, f"dev, {run.judge.name}"), encoding="utf-8")


def main():
    options = parsed("judge", sys.argv[1:], add_options)
    sizes = QUICK if options.quick else Sizes()
    sizes = sizes.limited(options.items) if options.items else sizes
    say("set-up")
    data = Data(options.data, sizes.longest)
    store, load = Store(programs()), workplace.load()
    records = Records(HOME / "answers.jsonl", options.fresh)
    try:
        judge, base, meta = versions(store, options)
        run = Run(store, judge, base, meta, options.meta is not None, data, sizes,
                  Clock(QUICK_SECONDS if options.quick else None), Report(), records)
        measure(run, options.only)
    finally:
        records.close()
        store.close()
    finish(run, options, load)


if __name__ == "__main__":
    # Whoever is told to end takes the grmd along that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main()
    except (FiguresFailure, DataError) as failure:
        sys.exit(f"tools/figures: {failure}")
