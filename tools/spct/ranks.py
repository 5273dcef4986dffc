"""Several processes that train one adapter together, each on its share of every step.

`torchrun` and `accelerate launch` say in the environment which process this is (RANK, LOCAL_RANK) and
of how many (WORLD_SIZE). Every process has the whole model; the packs of a step are dealt out among
them, and the gradients of the adapter are added up, so that all of them take the same step as one
process with all of the packs would. The first process writes the files.
"""

import os

import torch
from torch import distributed


def count():
    """How many processes train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def own():
    """Which of them this one is, from 0."""
    return int(os.environ.get("RANK", "0"))


def is_first():
    return own() == 0


def join(device):
    """Meets the other processes. Returns the device of this one: of several GPUs its own."""
    if count() == 1:
        return device
    if not distributed.is_initialized():
        distributed.init_process_group("nccl" if device.startswith("cuda") else "gloo")
    if device != "cuda":
        return device
    torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    return f"cuda:{os.environ['LOCAL_RANK']}"


def alone(stage):
    """Refuses a stage that is not written for several processes."""
    if count() > 1:
        raise ValueError(f"{stage}: expected one process, found {count()}; only rft is for several")


def dealt(parts):
    """This process's share of a step."""
    return parts[own() :: count()]


def add_gradients(parameters):
    """Puts the sum over all processes in the place of each gradient."""
    if count() == 1:
        return
    for value in parameters:
        if value.grad is None:
            value.grad = torch.zeros_like(value)
    everything = torch.cat([value.grad.flatten() for value in parameters])
    distributed.all_reduce(everything)
    place = 0
    for value in parameters:
        value.grad.copy_(everything[place : place + value.numel()].view_as(value))
        place += value.numel()


def gathered(found):
    """What each process found, in their order; `found` may be any plain object."""
    if count() == 1:
        return [found]
    everyone = [None] * count()
    distributed.all_gather_object(everyone, found)
    return everyone
