"""What both trainings are given: the same single responses, judged good or bad, in the same prompts."""

import json
from dataclasses import dataclass
from pathlib import Path

from spct import bundled, items, prompts, sample, settings

GROUP = 4
LINE_TOKENS = 8  # grmd ends a judgment that is too long with its score line, which has about so many


@dataclass(frozen=True)
class Sizes:
    """How much is measured; of each training the first step only warms up."""

    prompts: int = 4  # of one step, each with a group of judgments
    tokens: int = 64  # of one judgment before its score line
    steps: int = 5


QUICK = Sizes(prompts=2, tokens=32, steps=2)


def singles(count):
    """`count` responses, good and bad in turn, as rows of preference data."""
    pairs, made = bundled.pairs()[0], []
    for place in range(count):
        pair, is_good = pairs[place % len(pairs)], place % 2 == 0
        index = pair["best"] if is_good else 1 - pair["best"]
        made.append({**pair, "id": f"{pair['id']}-{place}", "responses": [pair["responses"][index]],
                     "best": None, "label": int(is_good)})
    return made


def run_settings(folder, programs, model, sizes, threads):
    """The configuration of `spct rl` for this measurement."""
    folder = Path(folder)
    source = settings.Source("smol", str(programs / "grmctl"), str(folder / "state"))
    rft = settings.Rft(model=str(model), threads=threads)
    rl = settings.Rl(items=str(folder / "singles.jsonl"), start=str(folder / "start.pt"),
                     folder=str(folder / "rl"), programs=str(programs), push_steps=1,
                     steps=sizes.steps + 1, round_items=sizes.prompts, k=GROUP,
                     max_judgment_tokens=sizes.tokens, pack_rollouts=GROUP)
    return settings.Settings(source=source, rft=rft, rl=rl)


def write_items(run, sizes):
    """Writes the rows of all steps. Returns them as items."""
    rows = singles(sizes.prompts * (sizes.steps + 1))
    path = Path(run.rl.items)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return items.read(path)


def peer_rows(run, known):
    """The same prompts as tokens, with their labels, for the peer."""
    asked = [{"conversation": items.conversation_of(item),
              "responses": [{"content": text} for text in item.responses],
              "mode": "JUDGING_MODE_ISOLATED", "k_max": 1,
              "max_judgment_tokens": run.rl.max_judgment_tokens,
              "seed": str(sample.request_options(item, run.rl, run.seed)["seed"])} for item in known]
    return [{"tokens": list(found.tokens), "label": item.label}
            for item, found in zip(known, prompts.read(run.source, asked), strict=True)]
