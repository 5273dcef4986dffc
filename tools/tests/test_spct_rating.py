"""Tests of what rates judgments: the meta-RM and the probe of tools/spct; where there is no PyTorch they
are left out."""

import dataclasses
import json
import sys
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOOLS), str(TOOLS / "tests")]

try:
    import torch
    from safetensors.torch import load_file
    from transformers import AutoModelForCausalLM
except ImportError as error:
    raise unittest.SkipTest(f"needs PyTorch, transformers and safetensors: {error}") from error

from spct import export, items, meta, model, probe, prompts, reject, settings  # noqa: E402
from test_spct_training import DIGITS, END, Folder  # noqa: E402


class MetaTest(Folder):
    def lines(self):
        """Items with a right and a wrong judgment each; token 40 is in what is right."""
        found = {(index,): prompts.Prompt(0, (index,), (1, 3, 4 + index), END, ())
                 for index in (0, 1)}
        made = []
        for number in range(24):
            item = items.Item(f"i{number}", "s", "s", (), ("a", "b"), 0, None, None)
            judgments = [{"scores": scores, "parts": [
                {"order": [index], "tokens": [token, 5 + number % 9]} for index in (0, 1)]}
                for scores, token in [([9, 2], 40), ([2, 9], 41)]]
            made.append((item, judgments, found))
        return made

    def run_of(self, name, steps):
        chosen = dataclasses.replace(self.settings(name), meta=settings.Meta(
            folder=str(self.folder / name), steps=steps, rate=5e-3, batch_items=4, save_steps=5))
        return meta.MetaTraining(chosen, self.lines(), [END, 9])

    def test_it_learns_to_tell_right_judgments_and_goes_on_after_a_kill(self):
        whole = self.run_of("whole", 20)
        whole.go()
        self.assertGreater(min(whole.areas().values()), 0.95)
        self.run_of("cut", 10).go()
        again = self.run_of("cut", 20)
        self.assertEqual(again.step, 10)
        again.go()
        self.assertAlmostEqual(whole.run.lines()[-1]["loss"], again.run.lines()[-1]["loss"], places=4)

    def test_scores_are_drawn_anew_with_what_they_are_worth_then(self):
        item, judgments, found = self.lines()[0]
        scored = [{"scores": scores, "parts": [
            {"order": [index], "tokens": [50, DIGITS[3], 51, DIGITS[1], DIGITS[0], 52]}
            for index in (0, 1)[: len(scores)]]} for scores in ([9.0, 2.0], [2.0, 9.0], [])]
        self.assertEqual(meta.redrawn(item, scored, DIGITS, 0.0, 1), scored)
        made = [meta.redrawn(item, scored, DIGITS, 1.0, key) for key in range(30)]
        for judgment in (one for each in made for one in each[:2]):
            for score, part in zip(judgment["scores"], judgment["parts"]):
                figures = [DIGITS[int(figure)] for figure in str(round(score))]
                self.assertEqual(part["tokens"], [50, DIGITS[3], 51, *figures, 52])
        self.assertTrue(all(each[2] == scored[2] for each in made))
        self.assertEqual({score for each in made for score in each[0]["scores"]}, set(range(1, 11)))
        chosen = dataclasses.replace(self.settings("drawn"), meta=settings.Meta(
            folder=str(self.folder / "drawn"), redrawn=1.0, held_share=0.0))
        training = meta.MetaTraining(chosen, [(item, scored[:2], found)], [END, 9], DIGITS)
        shown, _, targets = training.data[0]
        self.assertEqual(targets.tolist(), reject.shares_right(item, shown, scored[:2]))

    def test_its_folder_has_the_head_beside_the_factors(self):
        training = self.run_of("meta", 5)
        training.go()
        target = self.folder / "meta-adapter"
        state = model.adapter_state(training.adapted)
        export.write(target, state, training.settings.adapter, head=training.head)
        named = load_file(target / "adapter_model.safetensors")
        self.assertEqual(named["base_model.model.score.weight"].shape, (1, 32))
        self.assertEqual(len(named), len(state) + 2)
        config = json.loads((target / "adapter_config.json").read_text())
        self.assertEqual((config["task_type"], config["modules_to_save"]), ("SEQ_CLS", ["score"]))


class ProbeTest(Folder):
    def test_the_area_within_items_does_not_count_which_items_are_easy(self):
        easy = [("easy", 0, 0.9, True), ("easy", 1, 0.9, True), ("easy", 2, 0.95, False)]
        hard = [("hard", 0, 0.2, True), ("hard", 1, 0.1, False), ("hard", 2, 0.2, False)]
        self.assertEqual(probe.area_within(easy + hard), 1.5 / 4)
        scores, right = zip(*[row[2:] for row in easy + hard])
        self.assertGreater(probe.area_under_curve(scores, right), 0.6)

    def test_the_fit_finds_the_direction_that_tells_right_from_wrong(self):
        torch.manual_seed(1)
        features, labels = [], []
        for index in range(200):
            parts = torch.randn(2, 8) * torch.tensor([1.0, 50, 1, 1, 1, 1, 1, 1])
            parts[:, 3] += 4.0 if index % 2 else -4.0
            features.append(parts)
            labels.append(index % 2 == 1)
        weight, bias = probe.fit(features[:100], labels[:100], settings.Probe())
        scores = [probe.probability(weight, bias, parts).item() for parts in features[100:]]
        self.assertGreater(probe.area_under_curve(scores, labels[100:]), 0.99)

    def test_the_state_is_that_of_the_judgments_last_token(self):
        network = model.load(self.folder / "model")
        plain = AutoModelForCausalLM.from_pretrained(self.folder / "model", dtype=torch.float32)
        judgment = {"parts": [{"order": [0], "tokens": [5, 6]}, {"order": [1], "tokens": [7]}]}
        found = {(0,): prompts.Prompt(0, (0,), (1, 3), END, ()),
                 (1,): prompts.Prompt(0, (1,), (1, 4), END, ())}
        parts = probe.states(network, [judgment], found)[0]
        with torch.no_grad():
            for state, sequence in zip(parts, [[1, 3, 5, 6], [1, 4, 7]]):
                alone = plain.model(torch.tensor([sequence])).last_hidden_state[0, -1]
                self.assertLess((state - alone).abs().max().item(), 1e-4)

    def test_the_area_counts_ties_half(self):
        self.assertEqual(probe.area_under_curve([1, 2, 2], [False, True, False]), 0.75)


if __name__ == "__main__":
    unittest.main()
