"""`spct scalar`: a Bradley-Terry head on the model's own states, for the ways SCALAR and SEMI_SCALAR.

A baseline: the model stays as it is, a linear head reads the state at the end of a response that
stands behind its conversation, and is fitted so that the better response has the greater number.
"""

import torch

from . import export, items, model, probe, prompts, tree
from .settings import required

CHUNK = 100


@torch.no_grad()
def states(network, prompt_rows, turn_end):
    """The state at the end of each response of an item, in the order of its responses."""
    sequences = [[*row.tokens, *row.targets[row.order[0]], *turn_end] for row in prompt_rows]
    packed = tree.pack([sequences])
    hidden = tree.hidden_states(network, packed)
    return {row.order[0]: hidden[places[-1]].float()
            for row, places in zip(prompt_rows, packed.places)}


def differences(settings, network, chosen):
    """The state of the better response less that of another, for each pair: [pairs, width]."""
    turn_end = probe.turn_end(settings.source)
    rows = []
    for start in range(0, len(chosen), CHUNK):
        part = chosen[start : start + CHUNK]
        requests = [{"conversation": [{"role": f"ROLE_{role.upper()}", "content": content}
                                      for role, content in item.context],
                     "responses": [{"content": text} for text in item.responses],
                     "mode": "JUDGING_MODE_LIKELIHOOD"} for item in part]
        found = {}
        for row in prompts.read(settings.source, requests, [item.responses for item in part]):
            found.setdefault(row.request, []).append(row)
        for index, item in enumerate(part):
            known = states(network, found[index], turn_end)
            rows += [known[item.best] - known[other] for other in known
                     if other != item.best and item.best in known]
        print(f"scalar: {start + len(part)} of {len(chosen)} items", flush=True)
    return torch.stack(rows)


def fitted(rows, ridge):
    """The weight that the logistic loss of the differences and its square make least."""
    weight = torch.zeros(rows.shape[1], requires_grad=True)
    steps = torch.optim.LBFGS([weight], max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        steps.zero_grad()
        loss = torch.nn.functional.softplus(-rows @ weight).mean() + ridge * weight.square().sum()
        loss.backward()
        return loss

    steps.step(closure)
    return weight.detach()


def main(settings):
    options = settings.scalar
    torch.manual_seed(settings.seed)
    torch.set_num_threads(settings.rft.threads)
    choices = [item for item in items.read(required(options.items, "scalar.items"))
               if item.best is not None and len(item.responses) > 1
               and item.length <= options.characters]
    choices.sort(key=lambda item: items.draws(settings.seed, item.id).random())
    network = model.load(required(settings.rft.model, "rft.model"))
    rows = differences(settings, network, choices[: options.count])
    held = rows[: int(len(rows) * options.held_share)]
    weight = fitted(rows[len(held) :], options.ridge)
    head = torch.nn.Linear(len(weight), 1)
    head.load_state_dict({"weight": weight[None], "bias": torch.zeros(1)})
    # PEFT's folder has to change something: a LoRA that adds nothing, in the last layer alone.
    adapter = type(settings.adapter)(rank=1, alpha=1,
                                     first_layer=network.config.num_hidden_layers - 1)
    state = model.adapter_state(model.with_adapter(network, adapter))
    target = required(options.folder, "scalar.folder")
    export.write(target, state, adapter, head=head)
    right = (held @ weight > 0).float().mean().item() if len(held) else float("nan")
    print(f"{target}: {right:.3f} of {len(held)} held-out pairs right; "
          f"grmctl import {target} --onto VERSION adds the head")
