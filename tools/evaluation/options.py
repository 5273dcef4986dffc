"""The command line of tools/evaluate."""

import argparse
import math

from evaluation.readers import FORMATS
from evaluation.setting import EvaluationFailure, Setting

DESCRIPTION = """\
Has a running grmd judge preference data, and says how good its judge is: accuracy, ROC-AUC of
single responses, ties, position effect, calibration, cost and failures, each with a 95% bootstrap
interval over items, overall and by source. A tie gets 1 / (number tied) if the best response is
among the leaders; an item without a verdict is counted as not right, and counted apart as well.

A run that is broken off goes on when it is started again: each answer is a line of the results
file, kept under its request and the digests of the judge, so that no two judges mix."""

EXAMPLES = """\
examples:
  tools/evaluate dev.jsonl --mode isolated --readout expected --direct
  tools/evaluate dev.jsonl --mode list --readout sampled --k 1,8,32 --curve scaling.svg
  tools/evaluate dev.jsonl --k 1,8,32 --meta 16 --max-tokens 256
  tools/evaluate dev.jsonl --k 32 --stopping predicted --risk 0.01 --direct
  tools/evaluate raw.parquet --format rewardbench --greedy --json figures.jsonl
  tools/evaluate total_dataset.json --format rm-bench --items 50 --by subset
  tools/evaluate pairs.jsonl --mode list --direct --swap

files: JSON lines {"id", "source", "subset", "context": [{"role", "content"}], "responses": [..],
"best": index or null, "label": 0, 1 or null, "reference": text or null}, or with --format what the
authors of a benchmark publish, as JSON lines, a JSON array, or parquet (needs pyarrow)."""


def parser():
    made = argparse.ArgumentParser(prog="tools/evaluate", description=DESCRIPTION, epilog=EXAMPLES,
                                   formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("data", nargs="+", metavar="FILE", help="data files, or folders of them")
    add_data(made.add_argument_group("data"))
    add_judging(made.add_argument_group("how it is judged"))
    add_outcome(made.add_argument_group("where, and what comes of it"))
    return made


def add_data(group):
    group.add_argument("--format", choices=list(FORMATS), default="plain",
                       help="of the files (plain: the project's own)")
    group.add_argument("--items", type=positive, metavar="N",
                       help="at most N of each source, or subset with --by; always the same ones")
    group.add_argument("--longest", type=positive, default=math.inf, metavar="CHARACTERS",
                       help="leave out longer items")
    group.add_argument("--by", choices=["source", "subset"], default="source",
                       help="the groups of the second table (source)")


def add_judging(group):
    # The client has the names of the ways, and refuses another one.
    group.add_argument("--mode", metavar="WAY", help="of judging: list, isolated, pairwise, "
                       "token_probability, likelihood, scalar, semi_scalar (the deployment's own)")
    group.add_argument("--readout", choices=["sampled", "expected"],
                       help="the score that was drawn, or the expected one")
    group.add_argument("--k", type=counts, default=(1,), metavar="K[,K..]",
                       help="judgments that vote; all come from one request at the greatest (1)")
    length = group.add_mutually_exclusive_group()
    length.add_argument("--direct", action="store_true", help="no critique before the scores")
    length.add_argument("--max-tokens", type=positive, metavar="N", help="of a judgment")
    group.add_argument("--greedy", action="store_true", help="temperature 0, one judgment")
    group.add_argument("--temperature", type=float, metavar="T")
    group.add_argument("--meta", type=positive, metavar="K_META",
                       help="also votes of the K_META of the most judgments that the meta-RM rates "
                       "best; of fewer judgments, half of them")
    group.add_argument("--stopping", choices=["exact", "guaranteed", "predicted"],
                       help="stop early, at most the greatest k")
    group.add_argument("--risk", type=float, metavar="P",
                       help="of a changed decision, for guaranteed and predicted stopping")
    group.add_argument("--reference", action="store_true", help="show the judge the reference")
    group.add_argument("--principles", metavar="FILE", help="criteria to judge by, one a line")
    group.add_argument("--reuse", choices=["read", "read-write"], help="of stored principles")
    group.add_argument("--hostile", choices=["flag", "floor", "reject"],
                       help="what becomes of responses that speak to the judge")
    group.add_argument("--swap", action="store_true",
                       help="ask for each pair in both orders: the position effect")


def add_outcome(group):
    group.add_argument("--socket", metavar="ADDRESS",
                       help="of grmd ($GRMD_SOCKET, else /run/grmd/score.sock)")
    group.add_argument("--at-once", type=positive, default=1, metavar="N",
                       help="requests at a time; more than one falsify the seconds (1)")
    group.add_argument("--results", metavar="FILE", help="of the answers, to go on from "
                       "(.build/evaluate/results.jsonl)")
    group.add_argument("--fresh", action="store_true", help="forget the answers of that file")
    group.add_argument("--json", metavar="FILE", help="write one JSON object a figure")
    group.add_argument("--curve", metavar="FILE.svg", help="draw accuracy over k")


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, found {value}")
    return value


def counts(text):
    """"1,8,32" as numbers in order."""
    return tuple(sorted({positive(part) for part in text.split(",")}))


def setting_of(options):
    """The setting that the options ask for; EvaluationFailure where two of them disagree."""
    if options.greedy and (options.k != (1,) or options.temperature is not None):
        raise EvaluationFailure("--greedy: expected neither --k nor --temperature beside it")
    if options.meta is not None and (options.meta > max(options.k) or options.stopping):
        raise EvaluationFailure("--meta: expected at most the greatest --k, and no --stopping")
    if options.risk is not None and options.stopping not in ("guaranteed", "predicted"):
        raise EvaluationFailure("--risk: expected --stopping guaranteed or predicted beside it")
    return Setting(
        mode=options.mode, readout=options.readout, counts=options.k,
        tokens=0 if options.direct else options.max_tokens,
        temperature=0.0 if options.greedy else options.temperature, meta=options.meta,
        stopping=options.stopping or "fixed", risk=options.risk, has_reference=options.reference,
        principles=principles_of(options.principles),
        reuse=options.reuse and options.reuse.replace("-", "_"), hostile=options.hostile)


def principles_of(file):
    """The lines of a file that are not empty."""
    if file is None:
        return ()
    with open(file, encoding="utf-8") as lines:
        found = tuple(line.strip() for line in lines if line.strip())
    if not found:
        raise EvaluationFailure(f"{file}: expected a criterion a line, found none")
    return found
