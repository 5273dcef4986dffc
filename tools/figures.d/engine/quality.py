"""What the number formats cost: the distance of next-token distributions from f32.

The reference is this engine with every weight of the file widened to f32; the peer's own f32 is
held against it as a check of the reference.
"""

import math
import random
from array import array

from engine import peer
from engine.ours import Engine
from engine.workplace import HOME, compile_c, run as run_program
from report import Figure, say

SAME = 1e-4  # nats between two f32 computations of one model: rounding alone gives 1e-6
LENGTHS = (40, 90, 160, 250, 400, 640)  # tokens of a cut prompt, taking turns


def cut_prompts(model, count):
    """Beginnings of the bundled prompts; the judge's next token after each is compared."""
    every = [tokens for length in ("1500", "800", "300", "short")
             for tokens in model.prompts[length]]
    cut = []
    for place in range(count):
        tokens = every[place % len(every)]
        cut.append(tokens[:LENGTHS[place % len(LENGTHS)] + 3 * (place // len(every))])
    return cut


def distribution(logits):
    """Log-probabilities of a row of logits."""
    highest = max(logits)
    total = highest + math.log(math.fsum(math.exp(value - highest) for value in logits))
    return array("d", (value - total for value in logits))


def divergence(reference, found):
    """KL(reference || found) of log-probabilities, in nats."""
    return math.fsum(math.exp(p) * (p - q) for p, q in zip(reference, found))


def read_rows(path, count):
    """The rows of a file of f32 values."""
    values = array("f")
    values.frombytes(path.read_bytes())
    width = len(values) // count
    return [values[row * width:(row + 1) * width] for row in range(count)]


def our_rows(run, model, number_format, prompts):
    version = model.store.version(model.file, number_format)
    path = HOME / f"logits-{number_format}.f32"
    with Engine(model.store, version, run.threads) as engine:
        engine.logits(prompts, path)
    return read_rows(path, len(prompts))


def peer_rows(run, model, kind, prompts):
    programs, source = peer.build(), peer.source()
    program = compile_c("peer_logits", "-I", source / "include", "-I", source / "ggml" / "include",
                        "-L", programs, "-lllama", "-lggml-base", f"-Wl,-rpath,{programs}")
    text, path = HOME / "prompts.txt", HOME / f"logits-peer-{kind}.f32"
    text.write_text("".join(" ".join(map(str, tokens)) + "\n" for tokens in prompts))
    run_program([program, peer.file_of_type(model.file, kind), run.threads, text, path],
                "the logits of llama.cpp")
    return read_rows(path, len(prompts))


def measure(run, model):
    """The divergence of each side from f32, for the same source file."""
    count = run.schedule.quality_prompts
    run.clock.step(f"{model.name}: divergence from f32 on {count} prompts")
    if not run.clock.allows(20):
        run.report.leave_out("KL from f32", "no time left in --quick")
        return
    prompts = cut_prompts(model, count)
    if count < 100:
        prompts = [tokens[:120] for tokens in prompts]
    say("    f32")
    reference = [distribution(row) for row in our_rows(run, model, "f32", prompts)]

    def add(name, rows, **conditions):
        found = [divergence(wanted, distribution(row)) for wanted, row in zip(reference, rows)]
        low, high = interval([found], lambda sums: sums[0] / count)
        run.report.add(Figure(f"{model.name}: KL from f32, {name}", sum(found) / count, "nat", low,
                              high, count, conditions={"model": model.name, **conditions}))
        return found

    check = add("peer, widened to F32", peer_rows(run, model, "F32", prompts))
    run.report.figures[-1].at_most(SAME)
    if sum(check) / count > SAME:
        say("    the two f32 computations differ: the rows about KL mean nothing")

    theirs = add("peer, type of the file", peer_rows(run, model, "file", prompts))
    if count >= 100:
        best = model.ways["judgments"]
        add("peer, its fastest type", peer_rows(run, model, best.kind, prompts), peer=str(best))
    ours = add("this engine", our_rows(run, model, "keep", prompts))
    low, high = interval([ours, theirs], lambda sums: sums[0] / sums[1])
    ratio = Figure(f"{model.name}: KL from f32 against the peer", sum(ours) / sum(theirs), "x", low,
                   high, count, conditions={"model": model.name, "type": "as in the file"})
    run.report.add(ratio.at_most(1))


def interval(lists, statistic):
    """The 95% interval of a statistic of sums over prompts, by drawing the prompts anew."""
    draws, count, found = random.Random(1), len(lists[0]), []
    for _ in range(1000):
        places = draws.choices(range(count), k=count)
        found.append(statistic([sum(values[place] for place in places) for values in lists]))
    found.sort()
    return found[25], found[-26]
