"""Tests of tools/spct's training on a tiny model; where there is no PyTorch they are left out."""

import dataclasses
import json
import sys
import tempfile
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOOLS))

try:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM
except ImportError as error:
    raise unittest.SkipTest(f"needs PyTorch, transformers and PEFT: {error}") from error

from spct import (examples, export, look, losses, model, rft, rl, runs,  # noqa: E402
                  settings, tree)

DIGITS = list(range(20, 30))
END = 2
OPTIONS = settings.Rft()


def tiny(folder):
    """A model of three blocks in a folder."""
    torch.manual_seed(5)
    config = LlamaConfig(vocab_size=64, hidden_size=32, intermediate_size=48, num_hidden_layers=3,
                         num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=True)
    network = LlamaForCausalLM(config)
    with torch.no_grad():
        for value in network.parameters():
            value.mul_(3)
    network.save_pretrained(folder)


def example(number, best=0):
    """A direct item whose better response holds token 40 and the other one token 41."""
    shared = [1, 3 + number % 5, 4]
    rows = [examples.Row([index], [*shared, 40 if index == best else 41, 5 + number % 7, 6],
                         [DIGITS[8 if index == best else 3], 10, END], [8 if index == best else 3])
            for index in (0, 1)]
    centres = [8.0 if index == best else 3.0 for index in (0, 1)]
    return examples.Example(str(number), "tiny", "direct", best, None, centres, rows)


class Folder(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        tiny(self.folder / "model")

    def settings(self, name, **changes):
        path = self.folder / "data.examples"
        examples.write(path, [example(number, number % 2) for number in range(30)])
        Path(f"{path}.meta").write_text(json.dumps({"digits": DIGITS, "end": END}))
        run = settings.Rft(model=str(self.folder / "model"), examples=str(path), rate=5e-3,
                           folder=str(self.folder / name), batch_tokens=60, pack_tokens=40,
                           warmup_steps=2, save_steps=3)
        return settings.Settings(adapter=settings.Adapter(rank=4, alpha=8),
                                 rft=dataclasses.replace(run, **changes))


class TreeTest(Folder):
    GROUPS = [[[1, 3, 4, 7, 9], [1, 3, 4, 8], [1, 3, 4, 8, 8, 2]], [[1, 3, 5, 5], [1, 3, 6]]]

    def test_a_packed_batch_gives_the_states_of_its_sequences(self):
        network = model.load(self.folder / "model")
        plain = AutoModelForCausalLM.from_pretrained(
            self.folder / "model", attn_implementation="eager", dtype=torch.float32)
        packed = tree.pack(self.GROUPS)
        with torch.no_grad():
            states = tree.hidden_states(network, packed)
            for sequence, places in zip(sum(self.GROUPS, []), packed.places):
                alone = plain.model(torch.tensor([sequence])).last_hidden_state[0]
                self.assertLess((states[places] - alone).abs().max().item(), 1e-4)

    def test_what_is_shared_is_computed_once(self):
        packed = tree.pack(self.GROUPS)
        self.assertEqual((packed.root, packed.count), (2, 2 + (1 + 2 + 1 + 3) + (2 + 1)))
        tokens = packed.tokens[0]
        for sequence, places in zip(sum(self.GROUPS, []), packed.places):
            self.assertEqual(tokens[places].tolist(), sequence)

    def test_one_sequence_alone_is_a_tree_too(self):
        packed = tree.pack([[[1, 2, 3]]])
        self.assertEqual((packed.count, packed.places[0].tolist()), (3, [0, 1, 2]))


class LossTest(unittest.TestCase):
    def test_the_scores_at_the_end_are_found(self):
        target = [DIGITS[5], 9, DIGITS[1], DIGITS[0], 11, 12, DIGITS[7], 10, END]
        self.assertEqual(losses.digit_places(target, 2, set(DIGITS)), [2, 6])
        with self.assertRaisesRegex(ValueError, "found 3"):
            losses.digit_places(target, 4, set(DIGITS))

    def test_the_expected_score_is_the_mean_over_the_digits(self):
        logits = torch.full((1, 64), -50.0)
        logits[0, DIGITS[4]] = logits[0, DIGITS[8]] = 3.0
        logits[0, 50] = 9.0
        self.assertAlmostEqual(losses.expected(logits, DIGITS[1:]).item(), 6.0, places=4)

    def rank_of(self, means, best, label=None):
        found = losses.Losses(DIGITS, OPTIONS)
        item = dataclasses.replace(example(0), best=best, label=label)
        if best is None:
            item.rows = item.rows[:1]
        found.add_rank(item, torch.tensor(means))
        return found.means()["rank"].item(), found.verdicts[0][1]

    def test_the_ranking_term_falls_as_the_best_pulls_ahead(self):
        ahead, right = self.rank_of([8.0, 3.0], 0)
        behind, wrong = self.rank_of([8.0, 3.0], 1)
        self.assertLess(ahead, 0.01)
        self.assertGreater(behind, 4.9)
        self.assertEqual((right, wrong), (1.0, 0.0))

    def test_a_single_response_is_held_against_the_middle(self):
        self.assertLess(self.rank_of([8.0], None, 1)[0], 0.1)
        self.assertGreater(self.rank_of([8.0], None, 0)[0], 2.4)

    def test_own_critiques_are_ranked_and_composed_ones_are_not(self):
        for form, ranked in (("direct", 1), ("sampled", 1), ("critique", 0), ("list", 0)):
            item = dataclasses.replace(example(0), form=form)
            found = losses.Losses(DIGITS, OPTIONS)
            found.add_batch([item], torch.zeros(sum(len(row.target) for row in item.rows), 64))
            self.assertEqual((form, len(found.verdicts), found.rows["rank"]), (form, ranked, ranked))

    def test_the_bell_is_a_distribution_around_its_centre(self):
        shares = losses.bell(7.0, 1.0)
        self.assertAlmostEqual(shares.sum().item(), 1.0, places=5)
        self.assertEqual(shares.argmax().item() + 1, 7)


class TrainingTest(Folder):
    def test_it_learns_which_response_is_better(self):
        training = rft.Training(self.settings("run", steps=60))
        training.go()
        right = [line["right"] for line in training.run.lines()]
        self.assertGreater(sum(right[-10:]) / 10, 0.95)
        self.assertTrue((self.folder / "run" / "plot.svg").read_text().startswith("<svg"))

    def test_examples_beside_others_are_spread_among_them(self):
        for name, numbers in (("many", range(6)), ("few", (20, 21))):
            examples.write(self.folder / name, [example(number) for number in numbers])
        found = examples.blended(self.folder / "many", self.folder / "few")
        self.assertEqual([each.item for each in found], ["0", "1", "20", "2", "3", "4", "21", "5"])

    def test_a_killed_run_goes_on_as_if_nothing_had_been(self):
        whole = rft.Training(self.settings("whole", steps=8))
        whole.go()
        cut = rft.Training(self.settings("cut", steps=8))
        data = cut.endless()
        for _ in range(5):
            cut.run.log(**cut.learn(next(data)))
            if cut.step == 3:
                cut.save()
        with open(self.folder / "cut" / "metrics.jsonl", "a") as file:
            file.write('{"step": 6, "lo')
        again = rft.Training(self.settings("cut", steps=8))
        self.assertEqual(again.step, 3)
        again.go()
        for left, right in zip(whole.run.lines(), again.run.lines(), strict=True):
            self.assertEqual(left["step"], right["step"])
            self.assertAlmostEqual(left["loss"], right["loss"], places=4)

    def test_packs_of_any_size_give_one_gradient(self):
        found = []
        for pack_tokens in (10, 1000):
            training = rft.Training(self.settings(f"run{pack_tokens}", pack_tokens=pack_tokens))
            found.append(training.learn(next(training.endless()))["norm"])
        self.assertAlmostEqual(found[0], found[1], delta=1e-4 * found[1])

    def test_the_rate_rises_stays_and_falls(self):
        options = settings.Rft(steps=100, rate=1.0, warmup_steps=10, decay_steps=20)
        rates = [rft.rate_at(step, options) for step in (0, 9, 50, 90, 99)]
        self.assertEqual(rates, [0.1, 1.0, 1.0, 0.5, 0.1])

    def test_a_broken_write_leaves_the_last_checkpoint(self):
        run = runs.Run(self.folder / "run")
        run.save({"step": 1})
        with self.assertRaises(AttributeError):
            run.save({"step": lambda: 2})
        self.assertEqual(run.resume(), {"step": 1})


class ExportTest(Folder):
    def test_peft_reads_the_folder_and_computes_the_same(self):
        for first_layer in (0, 1):
            chosen = dataclasses.replace(self.settings(f"run{first_layer}", steps=4),
                                         adapter=settings.Adapter(4, 8, first_layer))
            training = rft.Training(chosen)
            training.go()
            target = self.folder / f"adapter{first_layer}"
            count = export.write(target, model.adapter_state(training.adapted), chosen.adapter)
            self.assertEqual(count, sum(value.numel() for value in training.trained))
            base = AutoModelForCausalLM.from_pretrained(self.folder / "model", dtype=torch.float32)
            sequence = [1, 3, 4, 40, 5, 6]
            with torch.no_grad():
                before = base(torch.tensor([sequence])).logits[0]
                loaded = PeftModel.from_pretrained(base, target)
                found = loaded(torch.tensor([sequence])).logits[0]
                states = tree.hidden_states(training.network, tree.pack([[sequence]]))
                expected = training.network.lm_head(states)
            change = (expected - before).abs().max().item()
            self.assertGreater(change, 0.05)
            self.assertLess((found - expected).abs().max().item(), 0.05 * change)


class ReinforcementTest(Folder):
    def begun(self):
        """A run at its beginning: no daemon is asked in these tests."""
        start = self.folder / "start.pt"
        training = rft.Training(self.settings("rft", steps=1))
        training.go()
        torch.save({"adapter": model.adapter_state(training.adapted)}, start)
        chosen = self.settings("rft")
        chosen = dataclasses.replace(chosen, rl=settings.Rl(
            folder=str(self.folder / "rl"), start=str(start), rate=1e-2, pack_rollouts=2))
        return rl.Reinforcement(chosen, None, None)

    def rollouts(self):
        return [rl.Rollout([[1, 3, 4], [1, 3, 5]], [[7, 8], [9]], 1.0),
                rl.Rollout([[1, 3, 4], [1, 3, 5]], [[10, 8], [11, 12]], -1.0),
                rl.Rollout([[1, 6, 4]], [[7, 7]], 1.0)]

    def test_advantages_have_mean_nought_and_deviation_one(self):
        self.assertEqual(rl.advantages([1.0, -1.0, -1.0, 1.0]), [1.0, -1.0, -1.0, 1.0])
        found = rl.advantages([1.0, -1.0, -1.0, -1.0])
        self.assertAlmostEqual(sum(found), 0)
        self.assertAlmostEqual(sum(each**2 for each in found) / 4, 1)
        self.assertIsNone(rl.advantages([1.0, 1.0]))

    def test_log_probabilities_are_those_of_the_plain_model(self):
        run = self.begun()
        plain = run.network
        found = rl.log_probabilities(run.network, self.rollouts())
        for rollout, parts in zip(self.rollouts(), found):
            for prompt, target, part in zip(rollout.prompts, rollout.targets, parts):
                states = tree.hidden_states(plain, tree.pack([[prompt + target]]))
                logits = plain.lm_head(states).log_softmax(-1)
                for place, token in enumerate(target):
                    expected = logits[len(prompt) + place - 1, token].item()
                    self.assertAlmostEqual(part[place].item(), expected, places=4)

    def test_what_was_rewarded_becomes_likelier(self):
        run, rollouts = self.begun(), self.rollouts()
        run.remember(rollouts)
        for _ in range(5):
            run.learn(rollouts)
        after = [sum(part.sum().item() for part in parts) for parts in run.in_packs(rollouts)]
        before = [sum(part.sum().item() for part in each.before) for each in rollouts]
        self.assertGreater(after[0], before[0] + 0.05)
        self.assertLess(after[1], before[1] - 0.05)
        self.assertGreater(after[2], before[2] + 0.05)

    def test_the_first_step_starts_from_the_reference(self):
        run, rollouts = self.begun(), self.rollouts()
        run.remember(rollouts)
        _, distance = run.learn(rollouts)
        self.assertAlmostEqual(distance, 0, places=6)
        _, distance = run.learn(rollouts)
        self.assertGreater(distance, 1e-5)

    def test_one_step_for_each_push_needs_no_pass_of_its_own(self):
        found = []
        for push_steps in (4, 1):
            run, rollouts = self.begun(), self.rollouts()
            run.options = dataclasses.replace(run.options, push_steps=push_steps)
            run.remember(rollouts)
            self.assertEqual(rollouts[0].before is None, push_steps == 1)
            found.append((run.learn(rollouts), model.adapter_state(run.adapted)))
        self.assertAlmostEqual(found[0][0][0], found[1][0][0], places=5)
        for name, value in found[0][1].items():
            self.assertLess((value - found[1][1][name]).abs().max().item(), 1e-4, name)

    def test_the_clip_ends_the_gain(self):
        part = torch.tensor([0.0])
        for advantage, shift, expected in [(1.0, 1.0, -1.2), (-1.0, -1.0, 0.8), (1.0, -1.0, None)]:
            rollout = rl.Rollout([], [], advantage, [part - shift], [part])
            loss = rl.token_loss(part, rollout, 0, settings.Rl(kl=0.0))[0].item()
            self.assertAlmostEqual(loss, expected or -torch.tensor(-1.0).exp().item(), places=5)

    def test_a_checkpoint_keeps_the_reference(self):
        run, rollouts = self.begun(), self.rollouts()
        run.remember(rollouts)
        run.learn(rollouts)
        run.save(reference=run.reference)
        again = rl.Reinforcement(run.settings, None, None)
        self.assertEqual(again.step, 1)
        for name, value in run.reference.items():
            self.assertTrue(torch.equal(again.reference[name], value))


class LookTest(Folder):
    def test_it_counts_pairs_and_the_last_batch_too(self):
        chosen = self.settings("run", steps=40)
        options = dataclasses.replace(chosen.rft, looks=chosen.rft.examples)
        training = rft.Training(dataclasses.replace(chosen, rft=options))
        training.go()
        found = list(rft.judged(training.network, options, DIGITS))
        self.assertEqual(len(found), 30)
        self.assertRegex(look.table(found)[-1], r"pairs and lists +30 +(100|9\d)")

    def test_the_interval_is_wilsons(self):
        low, high = look.interval(9, 10)
        self.assertAlmostEqual(low, 0.596, places=3)
        self.assertAlmostEqual(high, 0.982, places=3)


if __name__ == "__main__":
    unittest.main()
