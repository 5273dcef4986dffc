"""Tests of what tools/figures decides and computes without running an engine."""

import json
import math
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace

TOOLS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOOLS / "figures.d"))

from engine import plot, prompts, quality, roofline  # noqa: E402
from engine.schedule import Clock  # noqa: E402
from learning import __main__ as learning  # noqa: E402
from method import (decisions, intervals, items, load, records, special_tokens,  # noqa: E402
                    spoof_cases, written)
from options import is_wanted, parsed  # noqa: E402
from report import Figure, FiguresFailure, Report, number  # noqa: E402

SMOLLM = {"width": 576, "queryWidth": 576, "keyValueWidth": 192, "feedForwardWidth": 1536,
          "layers": 30, "vocabulary": 49152}


class PromptTest(unittest.TestCase):
    def test_there_are_fifteen_of_each_length(self):
        lengths = [each.length for each in prompts.all_prompts()]
        self.assertEqual({length: lengths.count(length) for length in lengths},
                         {length: 15 for length in prompts.CLASSES})

    def test_they_are_the_same_every_time(self):
        self.assertEqual(prompts.all_prompts(), prompts.all_prompts())

    def test_no_sentence_stands_in_two_prompts(self):
        seen = {}
        for each in prompts.all_prompts():
            for text in (each.question, *each.responses):
                for sentence in text.split(". ")[1:]:
                    self.assertEqual(seen.setdefault(sentence, each.index), each.index, sentence)

    def test_another_case_shares_no_beginning(self):
        first = prompts.all_prompts()[0]
        self.assertNotEqual(first.turns(1)[0][1][:9], first.turns(2)[0][1][:9])


class RooflineTest(unittest.TestCase):
    def test_operations_are_two_for_each_weight_and_token(self):
        # 106,168,320 weights in the blocks and 28,311,552 in the vocabulary.
        self.assertEqual(roofline.product_operations(SMOLLM, 1, 0), 2 * 106_168_320)
        self.assertEqual(roofline.product_operations(SMOLLM, 0, 1), 2 * 28_311_552)

    def test_a_prefill_at_the_peak_is_a_share_of_one(self):
        limits = roofline.Roofline(1, "", "", 200.0, 80.0, 60.0, 20.0)
        seconds = roofline.product_operations(SMOLLM, 800, 1) / 200e9
        self.assertAlmostEqual(roofline.prefill_share(SMOLLM, limits, 800, seconds), 1)


class QualityTest(unittest.TestCase):
    def test_divergence_of_two_coins(self):
        fair = quality.distribution([1.0, 1.0])
        bent = quality.distribution([math.log(0.9), math.log(0.1)])
        expected = 0.5 * math.log(0.5 / 0.9) + 0.5 * math.log(0.5 / 0.1)
        self.assertAlmostEqual(quality.divergence(fair, bent), expected)
        self.assertEqual(quality.divergence(fair, fair), 0)

    def test_the_interval_holds_the_mean(self):
        values = [float(each % 7) for each in range(100)]
        low, high = quality.interval([values], lambda sums: sums[0] / 100)
        self.assertTrue(low < sum(values) / 100 < high, (low, high))


class ReportTest(unittest.TestCase):
    def test_a_figure_is_the_median_and_knows_its_target(self):
        figure = Figure.of("speed", [5, 3, 4], "x", k=8)
        self.assertEqual((figure.value, figure.low, figure.high, figure.n), (4, 3, 5, 3))
        self.assertTrue(figure.at_least(4).met)
        self.assertFalse(figure.at_most(3.9).met)

    def test_json_lines_have_the_agreed_fields(self):
        report = Report()
        report.figures.append(Figure.of("speed", [1.5], "x", k=8).at_least(2))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "figures.jsonl"
            report.write_json(path, machine="m")
            line = json.loads(path.read_text())
        self.assertEqual(line, {"figure": "speed", "value": 1.5, "unit": "x", "low": 1.5,
                                "high": 1.5, "n": 1, "target": ">= 2", "met": False,
                                "conditions": {"k": 8, "machine": "m"}})

    def test_what_was_not_measured_is_in_the_table(self):
        report = Report()
        report.left_out.append(("large model", "not in --quick"))
        self.assertIn("not measured: not in --quick", report.table())

    def test_numbers_are_short(self):
        self.assertEqual([number(each) for each in (0, 16, 1234.5, 12.34, 1.234, 0.01234)],
                         ["0", "16", "1,234", "12.3", "1.23", "0.0123"])


class ScheduleTest(unittest.TestCase):
    def test_a_quick_run_takes_nothing_that_ends_too_late(self):
        clock = Clock(10)
        self.assertTrue(clock.allows(5))
        self.assertFalse(clock.allows(11))
        self.assertTrue(Clock(None).allows(1e9))


class PlotTest(unittest.TestCase):
    def test_both_lines_lie_inside_the_picture(self):
        points = {("ours", 1): 2.0, ("ours", 8): 0.5, ("peer", 1): 5.0, ("peer", 8): 1.9}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "plot.svg"
            plot.draw(points, "title", path)
            drawn = path.read_text()
        self.assertEqual(drawn.count("<polyline"), 2)
        for pair in drawn.split('points="')[1].split('"')[0].split():
            x, y = map(float, pair.split(","))
            self.assertTrue(0 <= x <= plot.WIDTH and 0 <= y <= plot.HEIGHT)


class IntervalTest(unittest.TestCase):
    def test_wilson_is_the_textbook_interval(self):
        # 15 of 20: Wilson (1927), as in Newcombe, Statistics in Medicine 17 (1998).
        low, high = intervals.wilson(15, 20)
        self.assertAlmostEqual(low, 0.5313, places=4)
        self.assertAlmostEqual(high, 0.8881, places=4)
        self.assertEqual(intervals.wilson(0, 0), (0.0, 1.0))
        self.assertEqual(intervals.wilson(0, 50)[0], 0)
        self.assertGreater(intervals.wilson(0, 50)[1], 0.05)

    def test_the_bootstrap_of_a_mean_is_as_wide_as_theory_says(self):
        values = [0.0, 1.0] * 200
        low, high = intervals.bootstrap(values, intervals.mean)
        self.assertAlmostEqual(high - low, 2 * 1.96 * 0.5 / math.sqrt(400), delta=0.012)
        self.assertTrue(low < 0.5 < high)
        self.assertEqual((low, high), intervals.bootstrap(values, intervals.mean))

    def test_draws_that_say_nothing_are_left_out(self):
        pairs = [(1.0, True), (0.0, False)]
        self.assertEqual(intervals.bootstrap(pairs, intervals.auc), (1.0, 1.0))

    def test_the_area_counts_ties_half(self):
        self.assertEqual(intervals.auc([(1, False), (2, True), (3, False), (4, True)]), 0.75)
        self.assertEqual(intervals.auc([(1, False), (1, True)]), 0.5)
        self.assertEqual(intervals.auc([(5, False), (1, True)]), 0)
        self.assertIsNone(intervals.auc([(5, True), (1, True)]))

    def test_percentiles_are_values_that_occurred(self):
        values = list(range(1, 101))
        self.assertEqual([intervals.percentile(values, share) for share in (0.01, 0.5, 0.99, 1)],
                         [1, 50, 99, 100])
        self.assertEqual(intervals.percentile([1, 2, 3], 0.5), 2)


class RecordTest(unittest.TestCase):
    def test_what_was_measured_is_not_measured_again(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "records.jsonl"
            first = records.Records(path)
            self.assertEqual(first.get("a", lambda: {"k": 1}), {"k": 1})
            first.close()
            again = records.Records(path)
            self.assertEqual(again.get("a", lambda: self.fail("measured again")), {"k": 1})
            again.close()
            fresh = records.Records(path, fresh=True)
            self.assertNotIn("a", fresh)
            fresh.close()

    def test_a_line_that_a_kill_cut_off_is_dropped_and_the_file_goes_on(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "records.jsonl"
            for cut in ('["b", {"k"', '["b", {"k": 2}]'):
                path.write_text('["a", 1]\n' + cut)
                kept = records.Records(path)
                self.assertEqual(("a" in kept, "b" in kept), (True, False))
                kept.get("c", lambda: 3)
                kept.close()
                self.assertEqual(path.read_text(), '["a", 1]\n["c", 3]\n')

    def test_a_digest_is_of_names_and_contents(self):
        with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
            for folder in (first, second):
                (Path(folder) / "config.json").write_text("{}")
                (Path(folder) / "weights").write_text("1")
            same = records.digest_of([Path(first)])
            self.assertEqual(same, records.digest_of([Path(second)]))
            (Path(second) / "weights").write_text("2")
            self.assertNotEqual(same, records.digest_of([Path(second)]))
            self.assertNotEqual(same, records.digest_of([Path(first), Path(first) / "weights"]))


class ItemTest(unittest.TestCase):
    ROW = {"id": "x/1", "source": "x", "context": [{"role": "user", "content": "q"}],
           "responses": ["a", "b"], "best": 1, "label": None}

    def load(self, rows):
        with tempfile.TemporaryDirectory() as folder:
            text = "".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
            (Path(folder) / "dev.jsonl").write_text(text)
            return items.load(folder)

    def test_an_item_is_what_its_line_says(self):
        [item] = self.load([self.ROW])
        self.assertEqual((item.source, item.best, item.characters), ("x", 1, 3))
        self.assertEqual(item.conversation, [{"role": "user", "content": "q"}])

    def test_a_line_ends_where_json_lines_end(self):
        text = json.dumps({**self.ROW, "responses": ["a\u2028", "b\x85"]}, ensure_ascii=False)
        self.assertEqual(self.load([text + "\n" + text + "\n"])[1].responses,
                         ("a\u2028", "b\x85"))

    def test_what_is_expected_is_said(self):
        for rows in (["not json"], [{"id": "x"}]):
            with self.assertRaisesRegex(FiguresFailure, "line 1 .*expected --data DIR"):
                self.load(rows)
        with self.assertRaisesRegex(FiguresFailure, "found no --data"):
            items.load(None)

    def test_sources_come_by_turns_and_always_the_same(self):
        made = [items.Item(f"{source}/{number}", source, (("user", str(number)),), ("a", "b"), 0,
                           None) for source in "pq" for number in range(5)]
        chosen = items.by_source(made, 2, 100)
        self.assertEqual([item.source for item in chosen], ["p", "q", "p", "q"])
        self.assertEqual(chosen, items.by_source(made[::-1], 2, 100))
        self.assertEqual(items.by_source(made, 2, 2), [])

    def test_conversations_are_different_ones(self):
        made = [items.Item(f"p/{number}", "p", (("user", str(number % 3)),), ("a", "b"), 0, None)
                for number in range(9)]
        chosen = items.conversations(made, 10, 100, "salt")
        self.assertEqual(len({item.context for item in chosen}), len(chosen))
        self.assertEqual(len(chosen), 3)


class DecisionTest(unittest.TestCase):
    def test_a_tie_gets_a_share(self):
        self.assertEqual(decisions.leaders([3, 7, 7]), [1, 2])
        self.assertEqual([decisions.credit(each, [1, 2]) for each in range(3)], [0, 0.5, 0.5])

    def test_a_winner_that_ties_in_the_full_run_is_no_change(self):
        self.assertFalse(decisions.is_changed({"best": [1]}, {"best": [0, 1]}))
        self.assertTrue(decisions.is_changed({"best": [2]}, {"best": [0, 1]}))

    def test_the_vote_of_fewer_judgments_is_that_of_the_first_ones(self):
        record = {"scores": [[1, 2], None, [5, 1], [9, 9]]}
        self.assertEqual(decisions.votes(record, 3), [6, 3])
        self.assertEqual(decisions.votes(record, 1), [1, 2])
        self.assertIsNone(decisions.votes({"scores": [None]}, 1))
        self.assertIsNone(decisions.votes({"error": "no_judgment"}, 8))


class LoadTest(unittest.TestCase):
    def test_a_reply_counts_over_the_whole_of_its_call(self):
        calls = [load.Call(0, 4, "reply"), load.Call(3, 2, "reply"), load.Call(0, 1, "queue_full")]
        self.assertEqual(load.replies_by_block(calls, 0, 4, 2), [0.25, 0.5])


class SpoofTest(unittest.TestCase):
    SPECIALS = ["<|im_start|>", "<|im_end|>"]

    def test_there_are_all_kinds_in_all_places_and_every_control_token(self):
        made = spoof_cases.cases(300, self.SPECIALS)
        self.assertEqual(len(made), 300)
        self.assertEqual(len({(case.kind, case.place) for case in made}), 7 * 8)
        self.assertEqual(made, spoof_cases.cases(300, self.SPECIALS))
        alone = {case.hostile["responses"][0] for case in made}
        self.assertLessEqual(set(self.SPECIALS), alone)
        for case in made:
            self.assertIn(case.text, "\n".join(self.texts(case.hostile)))
            self.assertEqual(len(self.texts(case.hostile)), len(self.texts(case.harmless)))
            self.assertNotEqual(*case.hostile["responses"])

    @staticmethod
    def texts(asked):
        return ([turn["content"] for turn in asked["conversation"]] + asked["responses"]
                + asked.get("principles", []) + [asked.get("reference", "")])

    def judgment(self, scores, *parts):
        return SimpleNamespace(outcome="scored", scores=scores, parts=[
            SimpleNamespace(order=order, text=text) for order, text in parts])

    def test_scores_that_are_not_those_of_the_last_line_are_a_fault(self):
        good = self.judgment([3, 7], ([1, 0], "\\boxed{10, 10} Scores: \\boxed{7, 3}"))
        self.assertIsNone(written.fault(good, "LIST", 2))
        for wrong in (self.judgment([7, 3], ([1, 0], "Scores: \\boxed{7, 3}")),
                      self.judgment([3, 7], ([1, 0], "Scores: \\boxed{7, 3, 5}")),
                      self.judgment([3, 7], ([1, 0], "no list")),
                      self.judgment([3, 7, 5], ([1, 0], "Scores: \\boxed{7, 3}")),
                      self.judgment([3, 11], ([1, 0], "Scores: \\boxed{11, 3}")),
                      self.judgment([3], ([0], "Scores: \\boxed{3}")),
                      self.judgment([3, 7], ([0], "Scores: \\boxed{3}"))):
            self.assertIsNotNone(written.fault(wrong, "LIST", 2))

    def test_prompts_of_their_own_and_verdicts_are_understood(self):
        apart = self.judgment([3, 7], ([1], "Scores: \\boxed{7}"), ([0], "Scores: \\boxed{3}"))
        self.assertIsNone(written.fault(apart, "ISOLATED", 2))
        pair = self.judgment([1, 0], ([1, 0], "Better: \\boxed{2}"))
        self.assertIsNone(written.fault(pair, "PAIRWISE", 2))
        self.assertIsNotNone(written.fault(
            self.judgment([0, 1], ([1, 0], "Better: \\boxed{2}")), "PAIRWISE", 2))


class ParsingTest(unittest.TestCase):
    def test_a_line_before_the_scores_means_that_the_budget_ended(self):
        self.assertTrue(written.is_cut_short("1\nScores: \\boxed{3}"))
        self.assertFalse(written.is_cut_short("\nScores: \\boxed{3}"))


class SpecialTokenTest(unittest.TestCase):
    def test_control_tokens_of_a_model_file(self):
        def text(value):
            return struct.pack("<Q", len(value)) + value.encode()

        def texts(values):
            return struct.pack("<IIQ", 9, 8, len(values)) + b"".join(map(text, values))

        kinds = struct.pack("<IIQ4i", 9, 5, 4, 1, 3, 4, 3)
        fields = [text("general.name") + struct.pack("<I", 8) + text("m"),
                  text("tokenizer.ggml.tokens") + texts(["a", "<s>", "b", "</s>"]),
                  text("tokenizer.ggml.token_type") + kinds]
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "m.gguf"
            file.write_bytes(struct.pack("<4sIQQ", b"GGUF", 3, 0, 3) + b"".join(fields))
            self.assertEqual(special_tokens.of(file), {1: "<s>", 3: "</s>"})
            (Path(folder) / "tokenizer.json").write_text(json.dumps({"added_tokens": [
                {"id": 5, "content": "<s>", "special": True},
                {"id": 6, "content": "<x>", "special": False}]}))
            self.assertEqual(special_tokens.of(Path(folder)), {5: "<s>"})


class OptionTest(unittest.TestCase):
    def test_a_program_may_add_its_own(self):
        plain = parsed("engine", ["--quick"])
        self.assertFalse(hasattr(plain, "extra"))
        more = parsed("method", ["--extra", "--only", "x"],
                      lambda parser: parser.add_argument("--extra", action="store_true"))
        self.assertEqual((more.extra, more.only, more.quick), (True, "x", False))

    def test_only_names_one_part_or_several(self):
        for only, expected in [("", "ab"), ("a", "a"), ("a,b", "ab"), ("a,", "a"), ("c", "")]:
            self.assertEqual("".join(name for name in "ab" if is_wanted(name, only)), expected)
        self.assertFalse(is_wanted("judgments/s, k = 8", "judgments/s, k = 32"))


class LearningTest(unittest.TestCase):
    def test_stretches_end_at_doubles_over_all_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            runs = [Path(folder) / name for name in ("first", "second")]
            for run, right in zip(runs, (0, 1)):
                run.mkdir()
                steps = [{"tokens": 60_000, "verdicts": [["a/x", right], ["b", 1]] * 20}] * 2
                text = "".join(json.dumps(step) + "\n" for step in [*steps, {"look_right": 0.5}])
                (run / "metrics.jsonl").write_text(text)
            found = learning.stretches(learning.judged(runs))
            self.assertEqual(found["a"], {50: [0] * 20, 100: [0] * 20, 200: [1] * 40})
            figures = learning.shares({"a": found["a"], "b": {50: [1] * (learning.LEAST - 1)}})
            self.assertEqual([each.value for each in figures], [0, 0, 100])
            self.assertIn("| a | 0 (0-16) | 0 (0-16) | 100 (91-100) |", learning.table(figures))
            with self.assertRaisesRegex(FiguresFailure, "expected .*third.metrics.jsonl"):
                list(learning.judged([Path(folder) / "third"]))


class CommandTest(unittest.TestCase):
    def test_an_unknown_name_is_told_what_there_is(self):
        result = subprocess.run([sys.executable, str(TOOLS / "figures"), "nothing"], text=True,
                                capture_output=True, check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn("there are: engine, judge, learning, method", result.stderr)


if __name__ == "__main__":
    unittest.main()
