"""Examples: prompts and targets as tokens, in a file of one JSON object a line for each item and form."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from . import items, prompts, targets

MODES = {"direct": "JUDGING_MODE_ISOLATED", "critique": "JUDGING_MODE_ISOLATED",
         "given": "JUDGING_MODE_ISOLATED", "list": "JUDGING_MODE_LIST",
         "list direct": "JUDGING_MODE_LIST"}
# Plain instruction text: the best response as an assistant's answer, so that the model stays one.
GENERAL = "general"
FORMS = (*MODES, GENERAL)


@dataclass
class Row:
    """One prompt and what is to be written behind it."""

    order: list
    prompt: list
    target: list
    scores: list
    """The target's score for each response of `order`; empty if it has none."""


@dataclass
class Example:
    """An item in one form: one row for each prompt."""

    item: str
    group: str
    form: str
    best: int | None
    label: int | None
    centres: list
    rows: list

    def sequences(self):
        return [row.prompt + row.target for row in self.rows]


def turn_texts(item):
    """The texts of a chat with the best response, piece by piece: the line break, then the role and
    the content of each turn."""
    pieces = ["\n"]
    for role, content in [*item.context, ("assistant", item.responses[item.best])]:
        pieces += [f"{role}\n", content]
    return pieces


def general_row(prompt, pieces):
    """A chat as tokens, its last turn the target. A prompt begins with the token that starts a turn."""
    line_end, *turns = pieces
    start, tokens = prompt.tokens[0], []
    for role, content in zip(turns[:-2:2], turns[1:-2:2]):
        tokens += [start, *role, *content, prompt.end, *line_end]
    return Row(list(prompt.order), [*tokens, start, *turns[-2]], [*turns[-1], prompt.end], [])


def request_of(item, form, seed):
    """The request that shows an item to the judge in a form."""
    request = {
        "conversation": items.conversation_of(item),
        "responses": [{"content": text} for text in item.responses],
        # Nothing is left to the version's own defaults.
        "mode": MODES.get(form, MODES["direct"]),
        "readout": "SCORE_READOUT_SAMPLED",
        "max_judgment_tokens": 0 if form.endswith("direct") or form == GENERAL else 192,
        "k_max": 1,
        "seed": str(items.draws(seed, "order", item.id).getrandbits(32)),
    }
    if form == "given":
        request["principles"] = [
            {"text": f"{name}: {text}", "weight": weight}
            for name, text, weight in targets.criteria(item, items.draws(seed, "criteria", item.id))
        ]
    return request


def targets_of(item, form, order, seed):
    """The target text of a prompt, and its scores in the prompt's order."""
    if form.endswith("direct"):
        text, drawn = targets.direct(item, order, seed)
    else:
        text, drawn = targets.critique(item, order, seed, given=() if form == "given" else None)
    return text, [drawn[index] for index in order]


def build(pairs, source, seed):
    """The examples of (item, form) pairs, in their order, by two calls of `grmctl prompts`."""
    requests = [request_of(item, form, seed) for item, form in pairs]
    texts, wanted = [[] for _ in pairs], []
    for prompt in prompts.read(source, requests):
        item, form = pairs[prompt.request]
        if form == GENERAL:
            if prompt.order == (item.best,):
                texts[prompt.request] = turn_texts(item)
                wanted.append((prompt, 0, []))
            continue
        # A list has a prompt for each order of its plan: one is enough.
        if MODES[form].endswith("LIST") and texts[prompt.request]:
            continue
        text, drawn = targets_of(item, form, prompt.order, seed)
        wanted.append((prompt, len(texts[prompt.request]), drawn))
        texts[prompt.request].append(text)
    encoded = {prompt.request: prompt.targets for prompt in prompts.read(source, requests, texts)}
    rows = [[] for _ in pairs]
    for prompt, place, drawn in wanted:
        if pairs[prompt.request][1] == GENERAL:
            rows[prompt.request].append(general_row(prompt, encoded[prompt.request]))
            continue
        tokens = encoded[prompt.request][place]
        rows[prompt.request].append(
            Row(list(prompt.order), list(prompt.tokens), [*tokens, prompt.end], drawn))
    return [Example(item.id, item.group, form, item.best, item.label, targets.centres(item), rows_)
            for (item, form), rows_ in zip(pairs, rows)]


def write(path, examples, mode="w"):
    with open(path, mode, encoding="utf-8") as file:
        for example in examples:
            file.write(json.dumps(asdict(example), separators=(",", ":")) + "\n")


def read(path):
    """The examples of a file."""
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            fields = json.loads(line)
            fields["rows"] = [Row(**row) for row in fields["rows"]]
            yield Example(**fields)


def blended(path, beside=""):
    """The examples of a file; with a second one, those of both, each spread evenly over the whole."""
    if not beside:
        return read(path)
    placed = []
    for each in (path, beside):
        rows = list(read(each))
        placed += [((place + 0.5) / len(rows), row) for place, row in enumerate(rows)]
    return [row for _, row in sorted(placed, key=lambda pair: pair[0])]


def digits_of(source):
    """(the tokens of "0" to "9", the token that ends a turn) of a version."""
    request = {"conversation": [{"role": "ROLE_USER", "content": "?"}],
               "responses": [{"content": "!"}], "mode": "JUDGING_MODE_ISOLATED", "k_max": 1,
               "max_judgment_tokens": 0}
    found = prompts.read(source, [request], [[str(digit) for digit in range(10)]])[0]
    if any(len(tokens) != 1 for tokens in found.targets):
        raise ValueError(f"{source.version}: expected one token for each digit")
    return [tokens[0] for tokens in found.targets], found.end


def write_meta(source, path):
    """What training has to know beside the examples: the tokens of digits and of the end."""
    digits, end = digits_of(source)
    Path(f"{path}.meta").write_text(json.dumps({"digits": digits, "end": end}) + "\n")


def read_digits(path):
    """The tokens of "0" to "9" of a file of examples."""
    return json.loads(Path(f"{path}.meta").read_text())["digits"]
