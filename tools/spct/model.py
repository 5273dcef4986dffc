"""The model that is trained: loaded from what grmd serves, with LoRA on its linear layers."""

from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
from transformers.utils import logging

from . import tree
from .settings import required

LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def load(path, dtype="float32", device="cpu"):
    """A causal model from a GGUF file or a folder of transformers, with attention over trees.

    The tokenizer is never loaded: tokens come from grmd, whose encoding is the one that is served.
    """
    logging.disable_progress_bar()
    path = Path(path)
    place = {"gguf_file": path.name} if path.suffix == ".gguf" else {}
    model = AutoModelForCausalLM.from_pretrained(
        str(path.parent if place else path),
        dtype=getattr(torch, dtype),
        attn_implementation=tree.ATTENTION,
        **place,
    )
    model.config.use_cache = False
    return model.eval().to(device)


def logits(network, states):
    """The logits of final hidden states [n, width] in f32; Gemma 2 has them as c tanh(l / c)."""
    found = network.get_output_embeddings()(states).float()
    cap = getattr(network.config, "final_logit_softcapping", None)
    return cap * torch.tanh(found / cap) if cap else found


def with_adapter(model, adapter):
    """The model with a fresh LoRA on every linear layer of its blocks, the rest frozen."""
    layers = list(range(adapter.first_layer, model.config.num_hidden_layers))
    return get_peft_model(model, LoraConfig(
        task_type="CAUSAL_LM",
        r=adapter.rank,
        lora_alpha=adapter.alpha,
        lora_dropout=0.0,
        target_modules=LINEAR,
        layers_to_transform=layers if adapter.first_layer else None,
    ))


def adapted(settings):
    """The model of a run's settings with a fresh adapter."""
    run = settings.rft
    base = load(required(run.model, "rft.model"), run.dtype, run.device)
    if run.checkpointing:
        base.gradient_checkpointing_enable({"use_reentrant": False})
    adapted = with_adapter(base, settings.adapter)
    # Blocks keep all their activations unless they are told that they are trained.
    return adapted.train(run.checkpointing)


def adapter_state(model):
    """The factors of the adapter, by name, on the CPU."""
    return {
        name: value.detach().cpu().clone()
        for name, value in model.state_dict().items()
        if "lora_" in name
    }


def load_adapter_state(model, state):
    """Puts factors that `adapter_state` gave back in place; all of them, and no others."""
    own = model.state_dict()
    wanted = {name for name in own if "lora_" in name}
    if wanted != set(state):
        odd = sorted(wanted ^ set(state))[0]
        raise ValueError(f"an adapter of other modules: expected the same names, found {odd} in one only")
    with torch.no_grad():
        for name, value in state.items():
            own[name].copy_(value)
