"""tools/figures method: the models, the rows one after the other, the table."""

import platform
import signal
import sys
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools" / "python"))

from grmd import Client, GrmdError  # noqa: E402
from engine import workplace  # noqa: E402
from method import (adaptive, deadline, items, overload, parsing, reuse, spoof,  # noqa: E402
                    ways)
from method.bench import HOME, Bench, Clock, Judge, Store, programs  # noqa: E402
from method.records import Records, digest_of  # noqa: E402
from options import is_wanted, parsed  # noqa: E402
from report import FiguresFailure, Report, number, say, table  # noqa: E402

QUICK_SECONDS = 220  # of which a row may take a little more than its share
SHARES = {"adaptive": 0.2, "ways": 0.34, "reuse": 0.12, "overload": 0.13, "deadline": 0.07,
          "spoof": 0.1, "parsing": 0.04}


@dataclass(frozen=True)
class Sizes:
    """How much is measured. In a quick run every row also ends when its time is over."""

    adaptive: int = 2000
    ways_each: int = 40  # items of each source
    ways_characters: int = 2000
    ways_tokens: int = 192
    ways_k: object = None  # the greatest k, or None for the row's own
    ways_timed: int = 8  # requests that are judged once more at each k, for the seconds
    reuse_conversations: int = 100
    reuse_block: int = 4  # conversations between two turns
    reuse_requests: int = 8
    reuse_k: int = 8
    reuse_tokens: int = 192
    reuse_mode: str = "list"
    reuse_characters: int = 1500
    overload_k: int = 8
    overload_tokens: int = 32
    overload_clients: tuple = (1, 2, 4, 8)
    overload_step: float = 40
    overload_seconds: float = 180
    deadline_items: int = 60
    truncated_items: int = 100
    spoof_cases: int = 300
    shares: dict = field(default_factory=lambda: SHARES)


QUICK = Sizes(adaptive=40, ways_each=1, ways_characters=500, ways_tokens=12, ways_k=8, ways_timed=1,
              reuse_conversations=4, reuse_block=1, reuse_requests=2, reuse_k=4, reuse_tokens=32,
              reuse_characters=500, overload_k=2, overload_tokens=8, overload_clients=(4,),
              overload_step=6, overload_seconds=12, deadline_items=8, truncated_items=6, spoof_cases=42)
ROWS = {"adaptive k": (adaptive.measure, "adaptive"), "ways of judging": (ways.measure, "ways"),
        "principle reuse": (reuse.measure, "reuse"), "overload": (overload.measure, "overload"),
        "spoof suite": (spoof.measure, "spoof"), "deadline": (deadline.measure, "deadline"),
        "unparsable judgments": (parsing.measure, "parsing")}


def add_options(parser):
    parser.add_argument("--model", metavar="FILE_OR_FOLDER", action="append", type=Path,
                        help="a model that judges as it comes; may be given several times "
                        "(default: that of tools/model)")
    parser.add_argument("--judge", metavar="ADAPTER", type=Path,
                        help="an adapter, imported onto the first model, which then judges with it")
    parser.add_argument("--reuse-mode", choices=("list", "isolated"), default="list",
                        help="how principle reuse puts responses before the judge (list)")
    parser.add_argument("--template", metavar="FILE", type=Path,
                        help="the prompt template that the adapter was trained with")
    parser.add_argument("--fresh", action="store_true",
                        help="forget the judgments of earlier runs")
    parser.add_argument("--items", metavar="N", type=int,
                        help=f"items of each source for the ways of judging ({Sizes.ways_each})")
    parser.add_argument("--reuse", metavar="CxRxK", default="",
                        help="conversations, requests of each, and k for principle reuse "
                        f"({Sizes.reuse_conversations}x{Sizes.reuse_requests}x{Sizes.reuse_k})")


def sizes_of(options):
    """The sizes that the command line asks for."""
    sizes = QUICK if options.quick else Sizes(ways_each=options.items or Sizes.ways_each)
    sizes = replace(sizes, reuse_mode=options.reuse_mode)
    if not options.reuse:
        return sizes
    try:
        count, requests, k = map(int, options.reuse.split("x"))
    except ValueError as error:
        raise FiguresFailure("--reuse: expected three numbers such as 12x4x8, "
                             f"found {options.reuse!r}") from error
    return replace(sizes, reuse_conversations=count, reuse_requests=requests, reuse_k=k)


def judges(store, options):
    """Imports the models; those that judge."""
    models = options.model or [Path(workplace.run(
        [ROOT / "tools" / "model"], "tools/model").splitlines()[-1])]
    found = []
    for place, path in enumerate(models):
        path = path.resolve()
        name = path.name.removesuffix(".gguf").lower()
        say(f"  importing {name}")
        parts = [path]
        store.control("import", path, "--name", name)
        if place == 0 and options.judge:
            judge = options.judge.resolve()
            parts.append(judge)
            template = ["--prompt-template", options.template.resolve()] if options.template else []
            parts += template[1:]
            store.control("import", judge, "--onto", name, "--name", f"{name}+{judge.name}".lower(),
                          *template)
            name = f"{name}+{judge.name}".lower()
        found.append(Judge(name, path, digest_of(parts)))
    return found


def records_of(store, judge, fresh):
    """What is known of the judge: with another model, template or release it would be another."""
    with store.serving(judge) as local, Client(str(local.socket)) as client:
        try:
            served = client.score("Name a prime.", ["7"], k=1, max_judgment_tokens=1).versions
        except GrmdError as error:
            raise FiguresFailure(f"{judge.name} does not judge: {error}") from error
    name = f"{judge.digest[:16]}-{served.template_digest[:16]}-{served.daemon}.jsonl"
    return Records(HOME / name, fresh)


def measure(bench, options):
    """The rows of one judge."""
    for name, (row, share) in ROWS.items():
        if not is_wanted(bench.name(name), options.only):
            continue
        bench.clock.step(bench.name(name))
        bench.clock.start_row(bench.sizes.shares[share])
        try:
            row(bench)
        except (FiguresFailure, GrmdError) as failure:
            bench.leave_out(name, str(failure))


def result_table(report):
    """Every figure with its interval."""
    rows = [["figure", "value", "95% interval", "n", "to reach", "reached"]]
    rows += [[each.figure, f"{number(each.value)} {each.unit}".strip(),
              f"{number(each.low)} - {number(each.high)}", str(each.n), each.target or "-",
              {True: "yes", False: "NO", None: "-"}[each.met]] for each in report.figures]
    rows += [[name, "-", "-", "0", "-", f"not measured: {why}"] for name, why in report.left_out]
    return table(rows)


def finish(report, options, clock, load):
    print(f"\nmethod figures, {date.today()}, {workplace.machine()}, {platform.system()} "
          f"{platform.release()}; load before {load:.1f}"
          + ("; --quick: too few for more than a look" if options.quick else "") + "\n")
    print(result_table(report))
    short = report.shortfalls()
    for figure in short:
        print(f"\nfalls short: {figure.figure}: {figure.value:.3g} {figure.unit}, "
              f"to reach {figure.target}", end="")
    print(f"\n{len(short)} rows fall short; {clock.seconds:.0f} s\n")
    if options.json:
        report.write_json(options.json, date=str(date.today()), machine=workplace.machine(),
                          quick=options.quick, load_before=round(load, 2))


def main():
    options = parsed("method", sys.argv[1:], add_options)
    known = items.load(options.data)
    say("set-up")
    report, store, load = Report(), Store(programs()), workplace.load()
    try:
        found = judges(store, options)
        sizes = sizes_of(options)
        sizes = replace(sizes, shares={row: share / len(found) for row, share in SHARES.items()})
        clock = Clock(QUICK_SECONDS if options.quick else None)
        for judge in found:
            records = records_of(store, judge, options.fresh)
            measure(Bench(store, judge, known, sizes, clock, report, records), options)
            records.close()
    finally:
        store.close()
    finish(report, options, clock, load)


if __name__ == "__main__":
    # Whoever is told to end takes the grmd along that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main()
    except FiguresFailure as failure:
        sys.exit(f"tools/figures: {failure}")
