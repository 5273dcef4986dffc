"""`spct look`: how a checkpoint judges the items of `rft.looks`, each response alone, score expected.

A quick look during training, by the model that trains; figures to publish come from grmd.
"""

import math

import torch

from . import examples, model, rft
from .probe import area_under_curve
from .runs import Run
from .settings import required


def interval(right, count):
    """The 95% interval of a share (Wilson)."""
    z, share = 1.96, right / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count**2)) / (1 + z * z / count)
    return middle - half, middle + half


def table(found):
    """Lines of the figures of (group, right, example, means)."""
    groups = {}
    for group, right, example, means in found:
        name = group if example.best is not None else f"{group} (single)"
        groups.setdefault(name, []).append((right, example, means))
    pairs = [each for name, rows in groups.items() for each in rows if each[1].best is not None]
    lines = []
    for name, rows in [*sorted(groups.items()), ("pairs and lists", pairs)]:
        if not rows:
            continue
        count, right = len(rows), sum(each[0] for each in rows)
        low, high = interval(right, count)
        line = f"{name:<36}{count:5}  {right / count:6.1%}  [{low:.1%}, {high:.1%}]"
        if rows[0][1].best is None:
            area = area_under_curve([means[0] for _, _, means in rows],
                                    [bool(each.label) for _, each, _ in rows])
            line += f"  AUC {area:.3f}"
        lines.append(line)
    return lines


def main(settings):
    options = settings.rft
    torch.set_num_threads(options.threads)
    adapted = model.adapted(settings)
    state = Run(required(options.folder, "rft.folder")).newest()
    if state:
        model.load_adapter_state(adapted, state["adapter"])
    digits = examples.read_digits(options.looks)
    print(f"after {state['step'] if state else 0} steps")
    print("\n".join(table(rft.judged(adapted.get_base_model(), options, digits))))
