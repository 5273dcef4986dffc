"""`spct compose`: from preference data to examples with targets, as tokens."""

import json
from pathlib import Path

from . import examples, items, prompts
from .settings import required

CHUNK = 500


def digits_of(source):
    """The tokens of "0" to "9", which have to be one each."""
    request = {"conversation": [{"role": "ROLE_USER", "content": "?"}],
               "responses": [{"content": "!"}], "mode": "JUDGING_MODE_ISOLATED", "k_max": 1,
               "max_judgment_tokens": 0}
    found = prompts.read(source, [request], [[str(digit) for digit in range(10)]])[0]
    if any(len(tokens) != 1 for tokens in found.targets):
        raise ValueError(f"{source.version}: expected one token for each digit")
    return {"digits": [tokens[0] for tokens in found.targets], "end": found.end}


def plan(chosen, forms, seed):
    """The (item, form) pairs: each item in every form that the draw gives it, in mixed order."""
    pairs = []
    for item in chosen:
        random = items.draws(seed, "forms", item.id)
        for form, share in forms.items():
            if form not in examples.MODES:
                raise ValueError(f"compose.forms: expected {', '.join(examples.MODES)}, found {form}")
            if form.startswith("list") and len(item.responses) == 1:
                continue
            if random.random() < share:
                pairs.append((item, form))
    return pairs


def main(settings):
    options = settings.compose
    output = required(options.output, "compose.output")
    output.parent.mkdir(parents=True, exist_ok=True)
    chosen = items.mixed(items.read(required(options.items, "compose.items")), options.shares,
                         options.count, settings.seed)
    pairs = plan(chosen, options.forms, settings.seed)
    Path(f"{output}.meta").write_text(json.dumps(digits_of(settings.source)) + "\n")
    examples.write(output, [])
    for start in range(0, len(pairs), CHUNK):
        part = pairs[start : start + CHUNK]
        examples.write(output, examples.build(part, settings.source, settings.seed), "a")
        print(f"{start + len(part)} of {len(pairs)} examples", flush=True)
