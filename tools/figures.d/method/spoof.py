"""The spoof suite: what callers send changes no judgment's way to its scores, and brings no control
token into a prompt."""

import json
import tempfile
from collections import Counter
from pathlib import Path

from google.protobuf.json_format import MessageToDict

from grmd import InvalidRequest, request
from method import special_tokens
from method.bench import Judging, Progress
from method.intervals import wilson
from method.items import seed
from method.spoof_cases import cases
from method.written import fault
from report import Figure, FiguresFailure

K = 2
WAYS = {"LIST": {"mode": "list", "max_judgment_tokens": 16},
        "ISOLATED": {"mode": "isolated", "max_judgment_tokens": 16},
        "PAIRWISE": {"mode": "pairwise", "max_judgment_tokens": 16}}


def measure(bench):
    """First what judges make of the cases, then what stands in their prompts."""
    specials = special_tokens.of(bench.judge.file)
    chosen = cases(bench.sizes.spoof_cases, [specials[number] for number in sorted(specials)])
    with bench.store.serving(bench.judge) as local, Judging(bench, "spoof", local, 1) as judging:
        ways = {}
        for name, options in WAYS.items():
            refusal = judging.refusal(**options)
            if refusal is None:
                ways[name] = options
            else:
                bench.leave_out(f"spoof suite, {name}", refusal)
        bench.clock.start_row(bench.sizes.shares["spoof"])
        judged = judge(bench, judging.clients[0], chosen, ways)
    add_judged(bench, judged)
    try:
        add_prompts(bench, chosen, specials, ways)
    except FiguresFailure as failure:
        bench.leave_out("spoof suite: control tokens from content", str(failure))


def message(asked, options, number):
    given = {"k": K, "seed": seed("spoof", number), **options, **asked}
    return request(given.pop("conversation"), given.pop("responses"), **given)


def judge(bench, client, chosen, ways):
    """(case, way, what is wrong or None) of each case with one of the ways, by turns; a refusal that
    names what it refuses has no effect on scores."""
    progress, found, names = Progress("spoof suite", len(chosen)), [], list(ways)
    for number, case in enumerate(chosen):
        if number > 0 and not bench.clock.allows():
            break
        name = names[number % len(names)]
        asked = message(case.hostile, {"reply_parts": ["text"], **ways[name]}, number)
        try:
            verdict = client.send(asked)
        except InvalidRequest as error:
            found.append((case, name, f"refused: {error.code}"))
            continue
        wrong = [fault(judgment, name, 2) for judgment in verdict.judgments]
        wrong += [] if len(verdict.judgments) == K else [f"{len(verdict.judgments)} judgments"]
        found.append((case, name, next(filter(None, wrong), None)))
        progress.at(number + 1)
    return found


def add_judged(bench, judged):
    wrong = [(case, way, fault) for case, way, fault in judged
             if fault is not None and not fault.startswith("refused")]
    refused = Counter(fault for _, _, fault in judged if fault and fault.startswith("refused"))
    low, high = wilson(len(wrong), len(judged))
    conditions = {"k": K, "kinds": dict(Counter(case.kind for case, _, _ in judged)),
                  "places": dict(Counter(case.place for case, _, _ in judged)),
                  "ways": dict(Counter(way for _, way, _ in judged)), "refused": dict(refused),
                  "first_faults": [{"way": way, "place": case.place, "text": case.text,
                                    "fault": fault} for case, way, fault in wrong[:5]]}
    bench.add(Figure("spoof suite: cases with an effect on the parse path", len(wrong), "",
                     low * len(judged), high * len(judged), len(judged),
                     conditions=conditions).at_most(0))


def add_prompts(bench, chosen, specials, ways):
    """Compares the control tokens of each prompt with those of the harmless request's prompt."""
    surplus, prompts, expected_count, faulty = 0, 0, 0, []
    for name, options in ways.items():
        hostile = prompts_of(bench, [message(case.hostile, options, number)
                                     for number, case in enumerate(chosen)])
        harmless = prompts_of(bench, [message(case.harmless, options, number)
                                      for number, case in enumerate(chosen)])
        for number, case in enumerate(chosen):
            pairs = list(zip(hostile.get(number, []), harmless.get(number, [])))
            if len(pairs) != len(harmless.get(number, [])) or not pairs:
                raise FiguresFailure(f"grmctl prompts: expected the same prompts for case {number} "
                                     f"({case.place}) and its harmless twin")
            for ours, theirs in pairs:
                prompts += 1
                found, expected = (
                    [token for token in prompt["tokens"] if token in specials]
                    for prompt in (ours, theirs))
                expected_count += len(expected)
                if found != expected:
                    surplus += max(1, abs(len(found) - len(expected)))
                    faulty.append({"way": name, "place": case.place, "text": case.text})
    if expected_count == 0:
        raise FiguresFailure("expected the chat format's control tokens in the prompts, found none: "
                             "none could be told from content")
    low, high = wilson(len(faulty), prompts)
    bench.add(Figure("spoof suite: control tokens from content", surplus, "", low * prompts,
                     high * prompts, prompts, conditions={
                         "cases": len(chosen), "control_tokens_of_the_model": len(specials),
                         "control_tokens_of_the_templates": expected_count,
                         "ways": list(ways), "first": faulty[:5]}).at_most(0))


def prompts_of(bench, messages):
    """{place of the request: its prompts} as `grmctl prompts` makes them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "requests.jsonl"
        file.write_text("".join(json.dumps(MessageToDict(each)) + "\n" for each in messages),
                        "utf-8")
        text = bench.store.control("prompts", file, "--version", bench.judge.name)
    found = {}
    # Not splitlines: Unicode's own line ends are among the texts.
    for line in filter(None, text.split("\n")):
        prompt = json.loads(line)
        found.setdefault(prompt["request"], []).append(prompt)
    return found
