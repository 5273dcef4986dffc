"""The command line that every program of figures has."""

import argparse


def parsed(name, arguments, add_more=None):
    """The options of `tools/figures NAME`; `add_more` adds those that only this program has."""
    parser = argparse.ArgumentParser(prog=f"tools/figures {name}")
    parser.add_argument("--quick", action="store_true",
                        help="at most five minutes of measuring, after the set-up")
    parser.add_argument("--json", metavar="FILE", help="write one JSON object a figure")
    parser.add_argument("--data", metavar="DIR", help="where data files lie that are not bundled")
    parser.add_argument("--only", metavar="TEXT", default="",
                        help="only the parts whose name holds this text")
    if add_more:
        add_more(parser)
    return parser.parse_args(arguments)
