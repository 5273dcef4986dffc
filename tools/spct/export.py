"""`spct export`: the adapter of a checkpoint as a folder that `grmctl import --onto` takes.

The folder is PEFT's own: `adapter_config.json` and `adapter_model.safetensors`, its factors in bf16.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from . import model
from .runs import Run
from .settings import required

PREFIX = "base_model.model."


def peft_names(state):
    """The factors under the names that PEFT gives them in a file."""
    named = {}
    for name, value in state.items():
        bare = name.removeprefix(PREFIX).replace(".default.weight", ".weight")
        named[PREFIX + bare] = value.to(torch.bfloat16).contiguous()
    return named


def config(adapter, layer_count, has_head):
    """What PEFT has to know of an adapter: its shape, and the modules that it changes."""
    layers = list(range(adapter.first_layer, layer_count)) if adapter.first_layer else None
    return {"peft_type": "LORA", "task_type": "SEQ_CLS" if has_head else "CAUSAL_LM",
            "base_model_name_or_path": "", "r": adapter.rank, "lora_alpha": adapter.alpha, "lora_dropout": 0.0, "bias": "none",
            "fan_in_fan_out": False, "use_rslora": False, "use_dora": False,
            "init_lora_weights": True, "inference_mode": True, "modules_to_save": ["score"] if has_head else None,
            "target_modules": model.LINEAR, "layers_to_transform": layers,
            "layers_pattern": None, "rank_pattern": {}, "alpha_pattern": {}}


def write(folder, state, adapter, head=None):
    """Writes the adapter, and a scalar head (a linear layer) if there is one.

    Returns the number of its values.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    named = peft_names(state)
    layer_count = 1 + max(int(name.split(".layers.")[1].split(".")[0]) for name in named)
    if head is not None:
        named |= {f"{PREFIX}score.{name}": value.detach().float().contiguous()
                  for name, value in head.state_dict().items()}
    save_file(named, str(folder / "adapter_model.safetensors"), metadata={"format": "pt"})
    text = json.dumps(config(adapter, layer_count, head is not None), indent=2) + "\n"
    (folder / "adapter_config.json").write_text(text)
    return sum(value.numel() for value in named.values())


def main(settings):
    run = Run(required(settings.rft.folder, "rft.folder"))
    state = run.newest()
    if state is None:
        raise ValueError(f"{run.checkpoint}: expected a checkpoint of spct rft, found none")
    target = required(settings.export.folder, "export.folder")
    count = write(target, state["adapter"], settings.adapter)
    print(f"{target}: {count:,} values after {state['step']} steps; "
          f"grmctl import {target} --onto VERSION adds them")
