"""`spct compose`: from preference data to examples with targets, as tokens."""

from . import examples, items, nulls
from .settings import required

CHUNK = 500
# Each item's conversation with an answer that says nothing, judged by itself.
NULL = "null"
# The sources whose best responses are answers that an assistant gives.
CHATS = {"constructed_quality", "hh_rlhf", "rasbt_tone", "ultrafeedback_sample"}


def plan(chosen, forms, seed):
    """The (item, form) pairs: each item in every form that the draw gives it, in mixed order."""
    pairs = []
    for item in chosen:
        random = items.draws(seed, "forms", item.id)
        for form, share in forms.items():
            if form not in (*examples.FORMS, NULL):
                known = ", ".join([*examples.FORMS, NULL])
                raise ValueError(f"compose.forms: expected {known}, found {form}")
            if form.startswith("list") and len(item.responses) == 1:
                continue
            if form == examples.GENERAL and item.source not in CHATS:
                continue
            if random.random() < share:
                pairs.append((nulls.answered(item, seed), "direct") if form == NULL
                             else (item, form))
    return pairs


def main(settings):
    options = settings.compose
    output = required(options.output, "compose.output")
    output.parent.mkdir(parents=True, exist_ok=True)
    known = [item for item in items.read(required(options.items, "compose.items"))
             if not options.longest or item.length <= options.longest]
    chosen = items.mixed(known, options.shares, options.count, settings.seed)
    pairs = plan(chosen, options.forms, settings.seed)
    examples.write_meta(settings.source, output)
    examples.write(output, [])
    for start in range(0, len(pairs), CHUNK):
        part = pairs[start : start + CHUNK]
        examples.write(output, examples.build(part, settings.source, settings.seed), "a")
        print(f"{start + len(part)} of {len(pairs)} examples", flush=True)
