"""Tests of what tools/spct needs for larger models: several processes, Gemma 2, less memory; where
there is no PyTorch they are left out."""

import dataclasses
import json
import os
import socket
import subprocess
import sys
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOOLS), str(TOOLS / "tests")]

try:
    import torch
    import transformers
except ImportError as error:
    raise unittest.SkipTest(f"needs PyTorch and transformers: {error}") from error

from spct import model, rft, tree  # noqa: E402
from test_spct_training import Folder  # noqa: E402


def run_file(path, chosen):
    """The part of settings that `spct rft` reads, as TOML."""
    text = f"seed = {chosen.seed}\n"
    for name in ("adapter", "rft"):
        fields = dataclasses.asdict(getattr(chosen, name))
        text += f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n"
                                        for key, value in fields.items())
    path.write_text(text)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class RanksTest(Folder):
    def trained(self, name, processes, stage="rft", **changes):
        """(exit codes, error texts) of a run by so many processes."""
        chosen = self.settings(name, pack_tokens=20, steps=4, **changes)
        run_file(self.folder / f"{name}.toml", chosen)
        shared = {**os.environ, "PYTHONPATH": str(TOOLS), "WORLD_SIZE": str(processes),
                  "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
        started = [subprocess.Popen(
            [sys.executable, "-B", "-m", "spct", stage, str(self.folder / f"{name}.toml")],
            env={**shared, "RANK": str(rank), "LOCAL_RANK": str(rank)}, text=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for rank in range(processes)]
        said = [process.communicate(timeout=120)[1] for process in started]
        return [process.returncode for process in started], said

    def checkpoint(self, name):
        return torch.load(self.folder / name / "checkpoint.pt", weights_only=True)

    def test_two_processes_take_the_steps_of_one(self):
        codes, said = self.trained("two", 2)
        self.assertEqual(codes, [0, 0], said)
        alone = rft.Training(self.settings("one", pack_tokens=20, steps=4))
        alone.go()
        one, two = self.checkpoint("one"), self.checkpoint("two")
        for name, value in one["adapter"].items():
            self.assertLess((value - two["adapter"][name]).abs().max().item(), 1e-5, name)
        moved = max(value.abs().max().item() for name, value in one["adapter"].items()
                    if "lora_B" in name)
        self.assertGreater(moved, 1e-3)
        metrics = [json.loads(line) for line in
                   (self.folder / "two" / "metrics.jsonl").read_text().splitlines()]
        for left, right in zip(alone.run.lines(), metrics, strict=True):
            self.assertEqual(left["tokens"], right["tokens"])
            self.assertAlmostEqual(left["loss"], right["loss"], places=4)

    def test_a_stage_for_one_process_refuses_two(self):
        codes, said = self.trained("meta", 2, "meta")
        self.assertEqual(codes, [1, 1])
        self.assertIn("spct meta: expected one process, found 2", said[0])


class MemoryTest(Folder):
    def test_activations_that_are_computed_again_give_the_same_step(self):
        found = []
        for again in (False, True):
            chosen = self.settings(f"run{again}", checkpointing=again)
            training = rft.Training(chosen)
            self.assertEqual(training.network.is_gradient_checkpointing, again)
            norm = training.learn(next(training.endless()))["norm"]
            found.append((norm, model.adapter_state(training.adapted)))
        self.assertAlmostEqual(found[0][0], found[1][0], places=5)
        for name, value in found[0][1].items():
            self.assertLess((value - found[1][1][name]).abs().max().item(), 1e-5, name)


    def test_bf16_weights_get_f32_factors(self):
        training = rft.Training(self.settings("bf16", dtype="bfloat16", steps=3))
        training.go()
        self.assertEqual({value.dtype for value in training.trained}, {torch.float32})
        self.assertEqual(training.network.get_output_embeddings().weight.dtype, torch.bfloat16)
        losses = [line["loss"] for line in training.run.lines()]
        self.assertTrue(all(0 < loss < 20 for loss in losses), losses)


class GemmaTest(Folder):
    GROUPS = [[[1, 3, 4, 7, 9], [1, 3, 4, 8]], [[1, 3, 5, 5, 6, 2], [1, 3, 6]]]

    def gemma(self, window):
        """A model of two blocks with scores that the caps change, and the same loaded by spct."""
        torch.manual_seed(3)
        config = transformers.Gemma2Config(
            vocab_size=64, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
            num_attention_heads=4, num_key_value_heads=2, head_dim=8, query_pre_attn_scalar=1,
            attn_logit_softcapping=0.5, final_logit_softcapping=0.5, sliding_window=window)
        network = transformers.Gemma2ForCausalLM(config)
        with torch.no_grad():
            for value in network.parameters():
                value.mul_(8)
        network.save_pretrained(self.folder / "gemma")
        plain = transformers.AutoModelForCausalLM.from_pretrained(
            self.folder / "gemma", attn_implementation="eager", dtype=torch.float32)
        return plain.eval(), model.load(self.folder / "gemma")

    @torch.no_grad()
    def test_a_packed_batch_gives_the_logits_of_its_sequences(self):
        plain, network = self.gemma(window=16)
        packed = tree.pack(self.GROUPS)
        found = model.logits(network, tree.hidden_states(network, packed))
        for sequence, places in zip(sum(self.GROUPS, []), packed.places):
            alone = plain(torch.tensor([sequence])).logits[0]
            self.assertLess((found[places] - alone).abs().max().item(), 1e-4)

    def test_a_sequence_beyond_the_window_is_refused(self):
        _, network = self.gemma(window=5)
        with self.assertRaisesRegex(ValueError, "at most the 5 tokens .* found 6"):
            tree.hidden_states(network, tree.pack(self.GROUPS))


if __name__ == "__main__":
    unittest.main()
