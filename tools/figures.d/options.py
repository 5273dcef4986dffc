"""The command line that every program of figures has."""

import argparse
import re


def parsed(name, arguments, add_more=None):
    """The options of `tools/figures NAME`; `add_more` adds those that only this program has."""
    parser = argparse.ArgumentParser(prog=f"tools/figures {name}")
    parser.add_argument("--quick", action="store_true",
                        help="at most five minutes of measuring, after the set-up")
    parser.add_argument("--json", metavar="FILE", help="write one JSON object a figure")
    parser.add_argument("--data", metavar="DIR", help="where data files lie that are not bundled")
    parser.add_argument("--only", metavar="TEXT[,TEXT..]", default="",
                        help="only the parts whose name holds one of these texts")
    if add_more:
        add_more(parser)
    return parser.parse_args(arguments)


def is_wanted(name, only):
    """Whether `--only` asks for a part; left empty, it asks for all of them. A comma before a space
    belongs to a name."""
    texts = [text for text in re.split(",(?! )", only) if text]
    return not texts or any(text in name for text in texts)
