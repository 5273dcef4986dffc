"""tools/evaluate: reads the data, asks grmd, prints the figures."""

import sys
from datetime import date
from pathlib import Path

from evaluation import curve
from evaluation.asking import Asker
from evaluation.items import DataError, by_group
from evaluation.measures import figures_of, means_of, rows_of
from evaluation.options import parser, setting_of
from evaluation.readers import FORMATS, files_of, read
from evaluation.setting import EvaluationFailure
from evaluation.statistics import mean
from evaluation.tables import tables
from method.records import Records
from report import Report, number, say, table

RESULTS = Path(__file__).resolve().parents[2] / ".build" / "evaluate" / "results.jsonl"


def main(arguments):
    """The exit code: 0 with figures, 1 with the reason why there are none, 130 interrupted."""
    options = parser().parse_args(arguments)
    try:
        evaluate(options)
    except (DataError, EvaluationFailure, OSError, ValueError) as failure:
        print(f"tools/evaluate: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("tools/evaluate: interrupted; the answers are kept, a rerun goes on from here",
              file=sys.stderr)
        return 130
    return 0


def evaluate(options):
    setting = setting_of(options)
    items = chosen(options)
    records = Records(options.results or RESULTS, options.fresh)
    try:
        with Asker(options.socket, records, at_once=options.at_once) as asker:
            served = asker.probe(setting)
            say(f"{served.grm.name} ({served.grm.digest[:12]}) judges {len(items)} items")
            judged = asker.judged("judged", items, setting)
            turned = asker.swapped("the other way round", [item for item in items if item.is_choice],
                                   setting) if options.swap else ()
    finally:
        records.close()
    say("figures")
    report = Report()
    report.figures = figures_of(setting, judged, turned, group_of(options.by))
    write(options, setting, served, judged, report)


def chosen(options):
    """The items that are judged."""
    items = [item for path in options.data for file in files_of(path)
             for item in read(file, options.format)]
    picked = by_group(items, options.items, options.longest, group_of(options.by))
    if not picked:
        raise EvaluationFailure(f"--longest: expected room for an item, found none of "
                                f"{len(items)} that has at most {options.longest} characters")
    return picked


def group_of(name):
    """How an item's group is called: a subset says its source as well."""
    if name == "source":
        return lambda item: item.source
    return lambda item: f"{item.source}/{item.subset}"


def write(options, setting, served, judged, report):
    """Prints the tables; writes the JSON lines and the picture that were asked for."""
    shared = {"date": str(date.today()), "judge": served.grm.name, "digest": served.grm.digest,
              "meta_rm": served.meta_rm.digest if served.meta_rm else None,
              "template": served.template_digest, "daemon": served.daemon,
              "data": [Path(file).name for file in options.data], "format": options.format,
              "request": {name: value for name, value in setting.options().items()
                          if value not in (None, ())}}
    print(f"\n{served.grm.name} ({served.grm.digest[:12]}), template "
          f"{served.template_digest[:12]}, grmd {served.daemon}, {date.today()}; "
          + ", ".join(f"{name} {value}" for name, value in shared["request"].items()) + "\n")
    print(tables(report.figures))
    print_parts(options.format, setting, judged)
    if options.json:
        report.write_json(options.json, **shared)
    if options.curve:
        series = curve.series_of(report.figures)
        if not series:
            raise EvaluationFailure("--curve: expected pairs or lists among the items, found none")
        Path(options.curve).write_text(curve.picture(series, f"Accuracy of {served.grm.name}"),
                                       encoding="utf-8")


def print_parts(name, setting, judged):
    """How a benchmark's authors add up the accuracies, if they do."""
    adds_up = FORMATS[name].parts
    if adds_up is None:
        return
    rows = []
    for row in rows_of(setting):
        parts = adds_up(means_of(judged, row))
        rows.append([str(row), *map(number, parts.values()), number(mean(list(parts.values())))])
    print(f"\n{name}, as its authors add it up, %\n\n"
          + table([["row", *parts, "mean"], *rows]))
