"""Tests of what tools/figures decides and computes without running an engine."""

import json
import math
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOOLS / "figures.d"))

from engine import plot, prompts, quality, roofline  # noqa: E402
from engine.schedule import Clock  # noqa: E402
from report import Figure, Report, number  # noqa: E402

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


class CommandTest(unittest.TestCase):
    def test_an_unknown_name_is_told_what_there_is(self):
        result = subprocess.run([sys.executable, str(TOOLS / "figures"), "nothing"], text=True,
                                capture_output=True, check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn("there are: engine", result.stderr)


if __name__ == "__main__":
    unittest.main()
