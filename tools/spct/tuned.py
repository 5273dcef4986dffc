"""What every tuning of an adapter has: the model, the optimiser, and checkpoints of both."""

from dataclasses import replace

import torch

from . import model, ranks
from .runs import Run


class Tuned:
    """A model with a LoRA that is trained, and the folder of its run."""

    def __init__(self, settings, folder):
        device = ranks.join(settings.rft.device)
        settings = replace(settings, rft=replace(settings.rft, device=device))
        self.settings = settings
        torch.set_num_threads(settings.rft.threads)
        torch.manual_seed(settings.seed)
        self.adapted = model.adapted(settings)
        self.network = self.adapted.get_base_model()
        self.trained = [value for value in self.adapted.parameters() if value.requires_grad]
        self.optimizer = torch.optim.AdamW(self.trained, lr=0.0, betas=(0.9, 0.98),
                                           weight_decay=0.0)
        self.run = Run(folder, ranks.is_first())
        self.step = 0

    def resume(self):
        """Takes up the newest checkpoint. Returns it, or None if there is none."""
        state = self.run.resume()
        if state:
            self.step = state["step"]
            model.load_adapter_state(self.adapted, state["adapter"])
            self.optimizer.load_state_dict(state["optimizer"])
        return state

    def begin(self, start):
        """Takes the adapter of a checkpoint of another run, and returns the checkpoint."""
        begun = torch.load(start, weights_only=True, map_location="cpu")
        model.load_adapter_state(self.adapted, begun["adapter"])
        return begun

    def save(self, **more):
        self.run.save({
            "step": self.step,
            "adapter": model.adapter_state(self.adapted),
            "optimizer": self.optimizer.state_dict(),
            **more,
        })

    def update(self, rate):
        """One step along the gradients that are there, of all processes. Returns their norm."""
        ranks.add_gradients(self.trained)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        norm = torch.nn.utils.clip_grad_norm_(self.trained, 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        return float(norm)
