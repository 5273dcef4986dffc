"""`python -m spct STAGE SETTINGS`: one stage of training, as its configuration file says."""

import argparse
import importlib
import sys

from . import settings

STAGES = {
    "compose": "target texts for the first tuning, as tokens",
    "rft": "supervised tuning of a LoRA",
    "look": "how a checkpoint judges items that it was not trained on",
    "sample": "judgments of a running grmd",
    "reject": "which of them are worth learning from, as examples",
    "rl": "GRPO on outcomes, rollouts by grmd",
    "probe": "a head on the judge's hidden state that says whether a judgment is right",
    "meta": "a second model that says whether a judgment is right",
    "scalar": "a Bradley-Terry head on the model as it is, a baseline",
    "export": "a checkpoint's adapter as a folder for grmctl import",
}


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="spct", description=__doc__)
    stages = parser.add_subparsers(dest="stage", required=True)
    for name, text in STAGES.items():
        stage = stages.add_parser(name, help=text, description=text)
        stage.add_argument("settings", help="a TOML file; settings.py names what it may hold")
    options = parser.parse_args(arguments)
    module = importlib.import_module(f".{options.stage}", __package__)
    try:
        module.main(settings.read(options.settings))
    except (ValueError, OSError) as error:
        print(f"spct {options.stage}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
