"""`spct probe`: a head on the judge's own final hidden state that says whether its judgment is right.

The meta-RM that costs nothing extra: grmd reads the state of a judgment's last token, normed, and takes
the logistic function of w h + b; of a judgment in several parts, the mean over the parts. Here w and b
are fitted to samples of the same judge by the cross-entropy of that mean against Eq. 10: did the
judgment's scores pick the known best? The states have to be those of the version that the probe goes
onto, so the checkpoint that is served is loaded.
"""

import json

import torch
from safetensors.torch import save_file

from . import items, model, prompts, reject, tree
from .runs import Run
from .settings import required

CHUNK = 200


def judged(settings):
    """(item, judgment, prompts by order) for each judgment of the samples, its hint left out."""
    known = {item.id: item for item in items.read(required(settings.sample.items, "sample.items"))}
    with open(required(settings.sample.output, "sample.output"), encoding="utf-8") as file:
        lines = [line for line in map(json.loads, file) if line["judgments"] and not line["hinted"]]
    for start in range(0, len(lines), CHUNK):
        part = lines[start : start + CHUNK]
        found = {}
        requests = [reject.requests_of(known[line["item"]], line) for line in part]
        for prompt in prompts.read(settings.source, requests):
            found.setdefault(prompt.request, {})[prompt.order] = prompt
        for index, line in enumerate(part):
            yield known[line["item"]], line["judgments"], found[index]


def states(network, judgments, found, ending=()):
    """The hidden state of the last token of each part, of the last of `ending` if that is read behind
    it, for the judgments of an item: [judgments][parts, width]. A prompt is computed once for all."""
    groups, owners = {}, {}
    parts = [part for judgment in judgments for part in judgment["parts"]]
    for place, part in enumerate(parts):
        order = tuple(part["order"])
        groups.setdefault(order, []).append([*found[order].tokens, *part["tokens"], *ending])
        owners.setdefault(order, []).append(place)
    packed = tree.pack(list(groups.values()))
    hidden = tree.hidden_states(network, packed)
    by_part = dict(zip([place for order in groups for place in owners[order]], packed.places))
    last = torch.stack([hidden[by_part[place][-1]] for place in range(len(parts))]).float()
    return last.split([len(judgment["parts"]) for judgment in judgments])


def turn_end(source):
    """The tokens that end an answer: the end token and the line break behind it."""
    request = {"conversation": [{"role": "ROLE_USER", "content": "?"}],
               "responses": [{"content": "!"}], "k_max": 1}
    found = prompts.read(source, [request], [["\n"]])[0]
    return [found.end, *found.targets[0]]


def probability(weight, bias, parts):
    """The mean over the parts of what the head says; parts [parts, width]."""
    return torch.sigmoid(parts @ weight + bias).mean()


def fit(features, labels, options):
    """The weight [width] and bias that fit judgments [parts, width] to labels, with a ridge."""
    stacked = torch.cat(features)
    mean, deviation = stacked.mean(0), stacked.std(0).clamp_min(1e-4)
    owner = torch.cat([torch.full((len(parts),), index) for index, parts in enumerate(features)])
    counts = torch.bincount(owner).float()
    scaled = (stacked - mean) / deviation
    weight = torch.zeros(stacked.shape[1], requires_grad=True)
    bias = torch.zeros(1, requires_grad=True)
    target = torch.tensor(labels, dtype=torch.float32)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=200, line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        said = torch.sigmoid(scaled @ weight + bias)
        means = torch.zeros(len(features)).index_add(0, owner, said) / counts
        value = torch.nn.functional.binary_cross_entropy(means.clamp(1e-6, 1 - 1e-6), target)
        value = value + options.ridge * weight.square().sum()
        value.backward()
        return value

    optimizer.step(loss)
    plain = (weight / deviation).detach()
    return plain, (bias - plain @ mean).detach()


def area_under_curve(scores, labels):
    """The probability that a right judgment is above a wrong one; ties count half."""
    above, pairs = 0.0, 0
    good = [score for score, label in zip(scores, labels) if label]
    bad = [score for score, label in zip(scores, labels) if not label]
    for one in good:
        for other in bad:
            above += 1.0 if one > other else 0.5 if one == other else 0.0
            pairs += 1
    return above / pairs if pairs else float("nan")


def area_within(rows):
    """The same among judgments of one item, which is what a vote chooses from: it does not help a head
    there that it knows which items are easy. `rows` as those of `write_said`."""
    groups = {}
    for item, _, score, is_right in rows:
        groups.setdefault(item, ([], []))[0 if is_right else 1].append(score)
    pairs = [(one, other) for good, bad in groups.values() for one in good for other in bad]
    above = sum(1.0 if one > other else 0.5 if one == other else 0.0 for one, other in pairs)
    return above / len(pairs) if pairs else float("nan")


def write_said(folder, rows):
    """`judgments.jsonl`: what a head says of judgments that it was not fitted to, to compare with what
    grmd says of the same ones. `rows`: (item, index of the judgment, probability, whether right)."""
    names = ("item", "index", "probability", "right")
    text = "".join(json.dumps(dict(zip(names, row))) + "\n" for row in rows)
    (folder / "judgments.jsonl").write_text(text, encoding="utf-8")


def main(settings):
    options = settings.probe
    torch.set_num_threads(settings.rft.threads)
    adapted = model.adapted(settings)
    state = Run(required(settings.rft.folder, "rft.folder")).newest()
    if state:
        model.load_adapter_state(adapted, state["adapter"])
    features, labels, held, names = [], [], [], []
    for item, judgments, found in judged(settings):
        is_held = items.draws("held", item.id).random() < options.held_share
        with torch.no_grad():
            found_states = [each.cpu() for each in states(adapted.get_base_model(), judgments, found)]
        for index, (judgment, parts) in enumerate(zip(judgments, found_states)):
            features.append(parts)
            labels.append(reject.is_right(item, judgment["scores"]))
            held.append(is_held)
            names.append((item.id, index))
    train = [index for index, out in enumerate(held) if not out]
    test = [index for index, out in enumerate(held) if out]
    weight, bias = fit([features[index] for index in train], [labels[index] for index in train],
                       options)
    for name, part in [("fitted", train), ("held out", test)]:
        said = [(*names[index], probability(weight, bias, features[index]).item(), labels[index])
                for index in part]
        scores, right = [row[2] for row in said], [row[3] for row in said]
        print(f"{name}: {len(part)} judgments, {sum(right) / max(1, len(part)):.1%} right, "
              f"AUC {area_under_curve(scores, right):.3f}, within items {area_within(said):.3f}")
    folder = required(options.folder, "probe.folder")
    folder.mkdir(parents=True, exist_ok=True)
    write_said(folder, said)
    save_file({"probe.weight": weight[None].contiguous(), "probe.bias": bias.reshape(1)},
              str(folder / "probe.safetensors"))
