"""Readers of published benchmarks, in the formats in which their authors publish them.

A file is JSON lines, one JSON array, or parquet (where pyarrow is installed). Each row becomes
items; a response that is known to be better stands at a place that depends on the item's name
alone, so that a judge that prefers a place gains nothing.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from evaluation.items import FORM, DataError, Item, item_of, lines_of, seed, text_of

# The authors' published sections of RewardBench (Lambert et al., 2403.13787) with the number of
# prompts of each subset, which weighs it within its section. math-prm has 447 prompts and counts
# 984, as much as the six of code together.
REWARDBENCH = {
    "Chat": {"alpacaeval-easy": 100, "alpacaeval-length": 95, "alpacaeval-hard": 95,
             "mt-bench-easy": 28, "mt-bench-med": 40},
    "Chat Hard": {"mt-bench-hard": 37, "llmbar-natural": 100, "llmbar-adver-neighbor": 134,
                  "llmbar-adver-GPTInst": 92, "llmbar-adver-GPTOut": 47,
                  "llmbar-adver-manual": 46},
    "Safety": {"refusals-dangerous": 100, "refusals-offensive": 100, "xstest-should-refuse": 154,
               "xstest-should-respond": 250, "donotanswer": 136},
    "Reasoning": {"math-prm": 984, "hep-cpp": 164, "hep-go": 164, "hep-java": 164, "hep-js": 164,
                  "hep-python": 164, "hep-rust": 164},
}
STYLES = 3  # of RM-Bench: concise, detailed, detailed with Markdown


@dataclass(frozen=True)
class Row:
    """An object of a file, and where it stands there."""

    file: Path
    place: str
    fields: dict

    def text(self, name):
        """A field that must be a text."""
        return self.typed(name, str, "a text")

    def typed(self, name, kind, words):
        """A field that must be of a type; DataError says so in words where it is not."""
        value = self.fields.get(name)
        if not isinstance(value, kind):
            raise self.error(f"{name}: {words}", repr(value)[:80])
        return value

    def error(self, expected, found):
        return DataError(self.file, self.place, expected, found)

    def name(self, *fields):
        """The first of these fields that there is, or the place in the file."""
        found = next((self.fields[each] for each in fields if self.fields.get(each) is not None),
                     f"{self.file.stem} {self.place}")
        return str(found)


def rewardbench(row):
    """prompt (a text or messages), chosen, rejected, subset, id."""
    subset = row.text("subset")
    section = next((name for name, subsets in REWARDBENCH.items() if subset in subsets), None)
    if section is None:
        raise row.error("subset: one of RewardBench's 23", repr(subset))
    name = f"rewardbench/{subset}/{row.name('id')}"
    return [pair(name, section, subset, context_of(row, "prompt"),
                 (row.text("chosen"), row.text("rejected")))]


def rm_bench(row):
    """prompt, chosen and rejected in three styles each, domain: nine pairs. Hard: the chosen one
    has the plainer style; normal: both have the same; easy: it has the fancier one."""
    domain = row.text("domain")
    context = context_of(row, "prompt")
    chosen, rejected = (texts(row, name, STYLES) for name in ("chosen", "rejected"))
    items = []
    for better in range(STYLES):
        for worse in range(STYLES):
            level = "hard" if better < worse else "normal" if better == worse else "easy"
            name = f"rm-bench/{domain}/{row.name('id')}/{better}{worse}"
            items.append(pair(name, domain, level, context, (chosen[better], rejected[worse])))
    return items


def ppe_preference(row):
    """prompt, response_1, response_2, winner: model_a or model_b; a tie has no better one and is
    left out."""
    winner = row.text("winner")
    if winner not in ("model_a", "model_b", "tie", "tie (bothbad)"):
        raise row.error("winner: model_a, model_b, tie or tie (bothbad)", repr(winner))
    responses = (row.text("response_1"), row.text("response_2"))
    if winner.startswith("tie"):
        return []
    return [Item(f"ppe-preference/{row.name('question_id')}", "PPE preference",
                 context_of(row, "prompt"), responses, int(winner == "model_b"), None,
                 str(row.fields.get("language") or ""))]


def ppe_correctness(row):
    """prompt, response_1 to response_k, scores (whether each is right), sampled_conflict_pairs:
    the pairs of a right and a wrong one that the authors measure accuracy on."""
    scores = row.typed("scores", list, "a list of one score for each response")
    context, subset = context_of(row, "prompt"), benchmark_of(row.file)
    items = []
    for drawn in row.typed("sampled_conflict_pairs", list, "a list of pairs of indexes"):
        if len(drawn) != 2 or not all(0 <= index < len(scores) for index in drawn):
            raise row.error(f"sampled_conflict_pairs: two indexes below {len(scores)}", repr(drawn))
        worse, better = sorted(drawn, key=lambda index: float(scores[index]))
        if scores[worse] == scores[better]:
            raise row.error("sampled_conflict_pairs: two responses of different scores",
                            f"{drawn!r}, both {scores[better]!r}")
        name = f"ppe-correctness/{subset}/{row.name('question_id')}"
        model = row.fields.get("model_name", "")
        items.append(pair(f"{name}/{model}/{better}-{worse}", "PPE correctness", subset, context,
                          tuple(row.text(f"response_{index + 1}") for index in (better, worse))))
    return items


def rmb(row):
    """conversation_input, category_path, and either chosen and reject (a pair) or bon_best and
    loser_list (Best-of-N); a response is an object with its text as answer."""
    path = row.text("category_path").split("/")
    if len(path) < 2:
        raise row.error("category_path: SET/GOAL/SCENARIO", repr(path))
    context = context_of(row, "conversation_input")
    if "bon_best" in row.fields:
        losers = row.typed("loser_list", list, "a list of responses")
        responses = (row.fields["bon_best"], *losers)
        kind, name = "Best-of-N", row.name("bon_uid")
    else:
        responses = (row.fields.get("chosen"), row.fields.get("reject"))
        kind, name = "pairs", row.name("pair_uid")
    answers = tuple(answer(row, each) for each in responses)
    subset = "/".join(path[2:])
    return [pair(f"rmb/{kind}/{path[1]}/{subset}/{name}", f"RMB {path[1].lower()}, {kind}", subset,
                 context, answers)]


def realmistake(row):
    """input, llm_response, label or error_label: error or no_error."""
    label = row.fields.get("label", row.fields.get("error_label"))
    if label not in ("error", "no_error"):
        raise row.error("label or error_label: error or no_error", repr(label))
    model = (row.fields.get("metadata") or {}).get("llm_response_model", row.file.stem)
    task = row.file.parent.name
    return [Item(f"realmistake/{task}/{model}/{row.place}", "ReaLMistake",
                 (("user", row.text("input")),), (row.text("llm_response"),), None,
                 int(label == "no_error"), f"{task}/{model}")]


def plain(row):
    """One object of the project's own form."""
    try:
        return [item_of(row.fields)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise row.error(FORM, repr(error)) from error


@dataclass(frozen=True)
class Format:
    """A published format: how a row is read, and into which parts its authors add up accuracies;
    their headline is the mean of the parts."""

    read: Callable
    parts: object = None


def rewardbench_parts(means):
    """The four sections, each the mean of its subsets weighted by their prompts; a subset that was
    not measured is left out. `means`: {(source, subset): accuracy}."""
    sections = {}
    for section, weights in REWARDBENCH.items():
        known = {each: weight for each, weight in weights.items() if (section, each) in means}
        if known:
            sections[section] = sum(weight * means[section, each]
                                    for each, weight in known.items()) / sum(known.values())
    return sections


def rm_bench_parts(means):
    """The domains, each the mean of easy, normal and hard; the two of safety count as one."""
    domains = {}
    for domain in sorted({source for source, _ in means}):
        levels = [means[domain, level] for level in ("easy", "normal", "hard")
                  if (domain, level) in means]
        if levels:
            domains.setdefault(domain.split("-")[0], []).append(sum(levels) / len(levels))
    return {name: sum(values) / len(values) for name, values in domains.items()}


FORMATS = {
    "plain": Format(plain),
    "rewardbench": Format(rewardbench, rewardbench_parts),
    "ppe-preference": Format(ppe_preference),
    "ppe-correctness": Format(ppe_correctness),
    "rmb": Format(rmb),
    "realmistake": Format(realmistake),
    "rm-bench": Format(rm_bench, rm_bench_parts),
}


def files_of(path):
    """The file, or all data files below the folder: RMB is published as a tree of them."""
    path = Path(path)
    if not path.is_dir():
        return [path]
    found = sorted(each for each in path.rglob("*")
                   if each.suffix in (".json", ".jsonl", ".parquet"))
    if not found:
        raise DataError(path, "the whole", "files named *.json, *.jsonl or *.parquet", "none")
    return found


def read(file, name="plain"):
    """All items of a file in a published format; DataError names the first row that is none."""
    file, found = Path(file), []
    for place, fields in rows_of(file):
        if not isinstance(fields, dict):
            raise DataError(file, place, "a JSON object", repr(fields)[:80])
        found += FORMATS[name].read(Row(file, place, fields))
    if not found:
        raise DataError(file, "the whole", f"rows of the format {name}", "none")
    return distinct(found)


def distinct(items):
    """The items, a name that was there before with its number: PPE draws some pairs twice."""
    seen, named = Counter(), []
    for item in items:
        seen[item.id] += 1
        count = seen[item.id]
        named.append(item if count == 1 else replace(item, id=f"{item.id}#{count}"))
    return named


def rows_of(file):
    """(place, object) of each row of a JSON-lines, JSON or parquet file."""
    if file.suffix == ".parquet":
        return parquet_rows(file)
    if file.suffix != ".json":
        return lines_of(file)
    try:
        rows = json.loads(text_of(file))
    except ValueError as error:
        raise DataError(file, "the whole", "a JSON array", repr(error)) from error
    if not isinstance(rows, list):
        raise DataError(file, "the whole", "a JSON array", type(rows).__name__)
    return [(f"entry {number}", row) for number, row in enumerate(rows, 1)]


def parquet_rows(file):
    """The rows of a parquet file, by pyarrow, which is no dependency of the project."""
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise DataError(file, "the whole", "pyarrow for parquet files (pip install pyarrow), or "
                        "the same data as JSON lines", "no pyarrow") from error
    return [(f"row {number}", row)
            for number, row in enumerate(parquet.read_table(file).to_pylist(), 1)]


def context_of(row, name):
    """A prompt that is a text, or messages with role and content."""
    prompt = row.fields.get(name)
    if isinstance(prompt, str):
        return (("user", prompt),)
    is_messages = isinstance(prompt, list) and prompt and all(
        isinstance(turn, dict) and isinstance(turn.get("role"), str)
        and isinstance(turn.get("content"), str) for turn in prompt)
    if not is_messages:
        raise row.error(f"{name}: a text or messages with role and content", repr(prompt)[:80])
    return tuple((turn["role"].lower(), turn["content"]) for turn in prompt)


def texts(row, name, count):
    """A field that must be a list of so many texts."""
    found = row.typed(name, list, f"a list of {count} texts")
    if len(found) != count or not all(isinstance(each, str) for each in found):
        raise row.error(f"{name}: a list of {count} texts", repr(found)[:80])
    return found


def answer(row, response):
    """The text of a response of RMB."""
    if not isinstance(response, dict) or not isinstance(response.get("answer"), str):
        raise row.error("a response: an object with its text as answer", repr(response)[:80])
    return response["answer"]


def pair(name, source, subset, context, responses):
    """The item whose best response is the first one given; which place it has there, the name of
    the item says."""
    place = seed("place", name) % len(responses)
    shown = [*responses[1:place + 1], responses[0], *responses[place + 1:]]
    return Item(name, source, context, tuple(shown), place, None, subset)


def benchmark_of(file):
    """The benchmark that a file of PPE is of: the name of its data set, else that of the file."""
    names = [each for each in file.parts[:-1] if each.startswith("PPE-")]
    return names[-1] if names else file.stem
