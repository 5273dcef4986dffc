"""`spct sample`: judgments of a running grmd, kept with their tokens.

Each line of the output is one item: how it was judged, and for each judgment its prompts' responses,
tokens and scores. A run that was cut off goes on with the items that it has not got.
"""

import json
from concurrent.futures import ThreadPoolExecutor

from . import items
from .settings import required


def known(path):
    """The items that a file of samples holds; a line that a kill cut off is removed."""
    if not path.exists():
        return set()
    found, whole = set(), []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            found.add(json.loads(line)["item"])
        except (json.JSONDecodeError, KeyError):
            break
        whole.append(line + "\n")
    path.write_text("".join(whole), encoding="utf-8")
    return found


def request_options(item, options, seed):
    """How an item is asked for. A hint shows the best response where a reference answer stands."""
    asked = {
        "mode": options.mode,
        "readout": "sampled",
        "k": options.k,
        "k_min": options.k,
        "temperature": options.temperature,
        "max_judgment_tokens": options.max_judgment_tokens,
        "seed": items.draws(seed, "sample", item.id).getrandbits(32),
        "reply_parts": ["text", "tokens"],
    }
    if options.hinted and item.best is not None:
        asked["reference"] = item.responses[item.best]
    return asked


def record(item, verdict, asked):
    """A line of the output."""
    judgments = []
    for judgment in verdict.judgments:
        parts = judgment.parts or (judgment,)
        judgments.append({
            "scores": list(judgment.scores),
            "meta": judgment.meta_score,
            "parts": [{"order": list(part.order), "tokens": list(part.tokens), "text": part.text,
                       "truncated": part.truncated} for part in parts],
        })
    return {"item": item.id, "mode": asked["mode"], "seed": asked["seed"], "k": asked["k"],
            "max_judgment_tokens": asked["max_judgment_tokens"], "hinted": "reference" in asked,
            "grm": verdict.versions.grm.digest, "judgments": judgments}


def main(settings):
    from grmd import Client, GrmdError

    options = settings.sample
    output = required(options.output, "sample.output")
    output.parent.mkdir(parents=True, exist_ok=True)
    done = known(output)
    chosen = items.mixed(items.read(required(options.items, "sample.items")), options.shares,
                         options.count, settings.seed)
    left = list({item.id: item for item in chosen if item.id not in done}.values())

    def judged(item):
        asked = request_options(item, options, settings.seed)
        conversation = [{"role": role, "content": text} for role, text in item.context]
        try:
            return record(item, client.score(conversation, item.responses, **asked), asked)
        except GrmdError as error:
            return {"item": item.id, "error": str(error), "judgments": []}

    with Client(options.socket or None) as client, open(output, "a", encoding="utf-8") as file, \
            ThreadPoolExecutor(options.calls) as calls:
        for count, line in enumerate(calls.map(judged, left), 1):
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
            file.flush()
            if count % 50 == 0 or count == len(left):
                print(f"{len(done) + count} of {len(done) + len(left)} items", flush=True)
