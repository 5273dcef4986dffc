"""Tests of what tools/evaluation reads, computes and draws without a running grmd."""

import importlib.util
import math
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOOLS), str(TOOLS / "figures.d")]

from engine import plot  # noqa: E402
from evaluation import curve, measures, statistics, tables  # noqa: E402
from evaluation.items import Item, by_group  # noqa: E402
from evaluation.options import parser, setting_of  # noqa: E402
from evaluation.setting import EvaluationFailure, Setting  # noqa: E402
from judge import keys, rows  # noqa: E402
from report import Figure, Report  # noqa: E402


def pair(name, best=0, source="s"):
    return Item(name, source, (("user", name),), ("a", "b"), best, None)


def single(name, label):
    return Item(name, "s", (("user", name),), ("a",), None, label)


def record(*scores, **more):
    """What is kept of a verdict with these scores, a judgment each."""
    count = len(scores)
    return {"scores": list(scores), "meta": [None] * count, "first": [0] * count,
            "tokens": [4] * count, "texts": [[1, row is None, 0, row is None] for row in scores], "k": count,
            "prompt": 100, "seconds": 0.5, "mode": "list", **more}


class StatisticsTest(unittest.TestCase):
    def test_confidences_and_accuracies_are_those_of_their_bins(self):
        points = [(0.5, 1), (0.55, 0), (0.75, 1), (1.0, 1)]
        rows = statistics.reliability(points)
        self.assertEqual([row[2] for row in rows], [2, 1, 1])
        for row, expected in zip(rows, [(0.525, 0.5), (0.75, 1), (1, 1)]):
            self.assertAlmostEqual(row[3], expected[0])
            self.assertAlmostEqual(row[4], expected[1])
        # (2 * |0.5 - 0.525| + |1 - 0.75| + 0) / 4
        self.assertAlmostEqual(statistics.calibration_error(points), 0.075)

    def test_judges_are_compared_on_the_items_that_both_judged(self):
        value, low, high = statistics.paired_difference({"a": 1, "b": 0, "c": 0},
                                                        {"a": 1, "b": 1, "d": 1})
        self.assertEqual((value, low, high), (0.5, 0, 1))
        self.assertIsNone(statistics.paired_difference({"a": 1}, {"b": 1}))

    def test_a_gain_on_every_item_has_no_width(self):
        first = {str(number): 0.25 for number in range(20)}
        second = {name: 0.75 for name in first}
        self.assertEqual(statistics.paired_difference(first, second), (0.5, 0.5, 0.5))

    def test_the_meta_score_keeps_the_best_of_the_first_judgments(self):
        kept = {"scores": [[1, 2], [9, 1], None, [2, 5]], "meta": [0.9, 0.1, 0.99, 0.5]}
        self.assertEqual(statistics.filtered_votes(kept, 4, 2), [3, 7])
        self.assertEqual(statistics.filtered_votes(kept, 2, 1), [1, 2])
        self.assertEqual(statistics.filtered_votes(kept, 4, 4), [12, 8])

    def test_of_equal_meta_scores_the_earlier_judgment_is_kept(self):
        kept = {"scores": [[1, 2], [9, 1]], "meta": [0.5, 0.5]}
        self.assertEqual(statistics.filtered_votes(kept, 2, 1), [1, 2])
        self.assertIsNone(statistics.filtered_votes({"scores": [[1, 2]], "meta": [None]}, 1, 1))

    def test_a_judgment_that_ties_gives_each_its_part(self):
        self.assertEqual(statistics.vote_share([[1, 2], [2, 2], [3, 1]], 0), 0.5)
        self.assertEqual(statistics.gap([3, 9, 7]), 2)


class MeasureTest(unittest.TestCase):
    ROW = measures.Row("Voting", 2)

    def of(self, found, name):
        return next(each for each in found if each.figure == name)

    def test_an_item_without_a_verdict_is_not_right_and_counted_apart(self):
        members = measures.scored([(pair("x"), record([3, 1], [4, 1])),
                                   (pair("y"), {"error": "context_overflow", "message": ""}),
                                   (pair("z"), record(None, None))], self.ROW)
        self.assertAlmostEqual(self.of(measures.quality(members), "accuracy").value, 100 / 3)
        failed = {each.figure: each.conditions["count"] for each in measures.failures(members)}
        self.assertEqual(failed, {"failures: all": 2, "failures: context_overflow": 1,
                                  "failures: no_judgment_counted": 1})

    def test_a_tie_shares_its_credit(self):
        members = measures.scored([(pair("x"), record([5, 5])), (pair("y", 1), record([1, 5]))],
                                  measures.Row("Voting", 1))
        found = measures.quality(members)
        self.assertEqual(self.of(found, "accuracy").value, 75)
        self.assertEqual(self.of(found, "ties").value, 50)
        self.assertEqual(self.of(found, "chance").value, 50)

    def test_pairs_and_lists_are_given_apart(self):
        many = Item("l", "s", (("user", "q"),), ("a", "b", "c", "d"), 2, None)
        found = measures.quality(measures.scored([(pair("x"), record([2, 1])),
                                                  (many, record([1, 9, 3, 1]))], self.ROW))
        self.assertEqual(self.of(found, "accuracy of pairs").value, 100)
        self.assertEqual(self.of(found, "Best-of-N accuracy").value, 0)
        self.assertEqual(self.of(found, "chance").value, 37.5)

    def test_single_responses_without_a_verdict_count_against_the_area(self):
        members = measures.scored([(single("g", 1), {"error": "internal"}),
                                   (single("b", 0), record([1])), (single("h", 1), record([5]))],
                                  self.ROW)
        self.assertEqual(self.of(measures.quality(members), "ROC-AUC").value, 0.5)

    def test_a_lost_judgment_of_a_single_response_is_no_low_score(self):
        members = measures.scored([(single("g", 1), record([6], None)),
                                   (single("b", 0), record([5], [5]))], self.ROW)
        self.assertEqual(self.of(measures.quality(members), "ROC-AUC").value, 1)

    def test_only_the_judgments_of_the_row_are_paid_for(self):
        members = measures.scored([(pair("x"), record([1, 2], None, [1, 2], [1, 2]))], self.ROW)
        found = {each.figure: each.value for each in measures.cost(members, self.ROW, False)}
        self.assertEqual(found, {"texts not parsed": 50, "texts cut short": 0, "mean k": 2,
                                 "generated tokens an item": 8})
        self.assertIn("seconds an item",
                      [each.figure for each in measures.cost(members, self.ROW, True)])

    def test_the_order_changes_a_decision_only_if_the_winner_is_another(self):
        here = [(pair(name), record([9, 1])) for name in "xyz"]
        turned = [(pair("x"), record([1, 9])), (pair("y"), record([9, 1])),
                  (pair("z"), record([2, 9]))]
        found = measures.position_effect(measures.scored(here, self.ROW),
                                         measures.scored(turned, self.ROW))
        self.assertAlmostEqual(found.value, 100 / 3)

    def test_the_first_place_is_where_the_judge_saw_it(self):
        members = measures.scored([(pair("x"), record([9, 1], [1, 9], [2, 2], [9, 1],
                                                      first=[0, 1, 0, 1]))],
                                  measures.Row("Voting", 4))
        self.assertAlmostEqual(measures.first_position(members).value, 200 / 3)

    def test_confidence_is_the_gap_of_one_judgment_and_the_share_of_several(self):
        one = measures.Row("Voting", 1)
        self.assertEqual(measures.confidences(
            measures.scored([(pair("x"), record([10, 1]))], one), one), [(1.0, 1.0)])
        self.assertEqual(measures.confidences(measures.scored(
            [(pair("x"), record([-1.5, -9.0], mode="likelihood"))], one), one), [])
        four = measures.Row("Voting", 4)
        self.assertEqual(measures.confidences(measures.scored(
            [(pair("x", 1), record([9, 1], [3, 2], [1, 2], [5, 4]))], four), four), [(0.75, 0.0)])

    def test_fewer_judgments_are_filtered_to_their_half(self):
        rows = measures.rows_of(Setting(counts=(1, 8, 32), meta=12))
        self.assertEqual([(str(row), row.kept) for row in rows],
                         [("Voting@1", None), ("Voting@8", None), ("Voting@32", None),
                          ("MetaRM@8", 4), ("MetaRM@32", 12)])

    def test_groups_have_figures_of_their_own(self):
        judged = [(pair("x", source="p"), record([2, 1])), (pair("y", source="q"), record([1, 2]))]
        found = measures.figures_of(Setting(), judged)
        accuracies = {each.conditions["group"]: each.value for each in found
                      if each.figure == "accuracy"}
        self.assertEqual(accuracies, {"": 50, "p": 100, "q": 0})
        self.assertIn("| p     | accuracy | 1 | 50     | 100 (100 - 100) |", tables.tables(found))


class ItemTest(unittest.TestCase):
    def test_items_are_limited_in_each_group(self):
        made = [pair(f"{source}/{number}", source=source) for source in "pq" for number in range(5)]
        chosen = by_group(made, 2, math.inf, lambda item: item.source)
        self.assertEqual([item.source for item in chosen], ["p", "q", "p", "q"])
        self.assertEqual(len(by_group(made, None, math.inf, lambda item: item.source)), 10)


class OptionTest(unittest.TestCase):
    def setting(self, *arguments):
        return setting_of(parser().parse_args(["d.jsonl", *arguments]))

    def test_one_request_draws_the_most_judgments_without_stopping(self):
        asked = self.setting("--k", "32,1,8", "--direct").options()
        self.assertEqual((asked["k"], asked["k_min"], asked["stopping"]), (32, 32, "fixed"))
        self.assertEqual(asked["max_judgment_tokens"], 0)

    def test_early_stopping_leaves_the_least_to_the_daemon(self):
        setting = self.setting("--k", "32", "--stopping", "predicted", "--risk", "0.01")
        asked = setting.options()
        self.assertEqual((asked["k"], asked["k_min"], asked["stop_risk"]), (32, None, 0.01))
        self.assertEqual([str(row) for row in measures.rows_of(setting)],
                         ["predicted stopping@32"])

    def test_greedy_is_one_judgment_at_temperature_0(self):
        setting = self.setting("--greedy")
        self.assertEqual((setting.temperature, setting.counts), (0, (1,)))
        self.assertEqual([str(row) for row in measures.rows_of(setting)], ["greedy@1"])

    def test_options_that_disagree_are_refused(self):
        for arguments in (("--greedy", "--k", "8"), ("--meta", "9", "--k", "8"),
                          ("--risk", "0.1"), ("--risk", "0.1", "--stopping", "exact"),
                          ("--meta", "2", "--k", "8", "--stopping", "exact")):
            with self.assertRaises(EvaluationFailure, msg=arguments):
                self.setting(*arguments)

    def test_criteria_come_a_line_each(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "criteria.txt"
            file.write_text("Is it true?\n\n Is it short? \n")
            self.assertEqual(self.setting("--principles", str(file)).principles,
                             ("Is it true?", "Is it short?"))
            file.write_text("\n")
            with self.assertRaisesRegex(EvaluationFailure, "expected a criterion a line"):
                self.setting("--principles", str(file))


class CurveTest(unittest.TestCase):
    def test_every_series_is_a_line_inside_the_picture(self):
        drawn = curve.picture({"Voting": [(1, 60, 55, 65), (8, 66, 61, 71), (32, 67, 62, 72)],
                               "Meta & co": [(8, 68, 63, 73), (32, 70, 66, 74)]}, "a < b")
        root = xml.fromstring(drawn)
        lines = [each for each in root if each.tag.endswith("polyline")]
        self.assertEqual([len(each.get("points").split()) for each in lines], [3, 2])
        bands = [each for each in root if each.tag.endswith("polygon")]
        for each in lines + bands:
            for point in each.get("points").split():
                x, y = map(float, point.split(","))
                self.assertTrue(plot.LEFT <= x <= plot.WIDTH and 0 <= y <= plot.HEIGHT, point)

    def test_a_greater_accuracy_is_further_up(self):
        drawn = xml.fromstring(curve.picture({"x": [(1, 50, 40, 60), (8, 55, 45, 65)]}, "t"))
        line = next(each for each in drawn if each.tag.endswith("polyline"))
        (_, first), (_, second) = (map(float, point.split(","))
                                   for point in line.get("points").split())
        self.assertGreater(first, second)

    def test_one_count_and_one_value_can_be_drawn(self):
        xml.fromstring(curve.picture({"x": [(1, 100, 100, 100)]}, "t"))

    def test_a_series_is_made_of_the_figures_over_all_items(self):
        figures = [Figure("accuracy", value, "%", 0, 100, 9, conditions={
            "k": k, "series": "Voting", "group": group})
            for k, value, group in ((1, 50, ""), (8, 60, ""), (8, 90, "hh"))]
        self.assertEqual(curve.series_of(figures),
                         {"Voting": [(1, 50, 0, 100), (8, 60, 0, 100)]})


class JudgeTest(unittest.TestCase):
    def test_every_question_is_answered_by_every_key(self):
        made = keys.cases([pair("x"), pair("y"), pair("z")], 2)
        count = sum(map(len, keys.KEYS.values()))
        self.assertEqual(len({item.id for item in made}), 2 * count)
        self.assertTrue(all(item.is_single and item.label == 0 for item in made))
        self.assertEqual({item.context for item in made}, {pair("x").context, pair("y").context})

    def test_a_share_varies_by_question(self):
        cases = keys.cases([pair("x"), pair("y")], 2)
        judged = [(item, record([9 if item.context == pair("x").context else 1]))
                  for item in cases]
        found = rows.share("good", measures.scored(judged, rows.GREEDY), rows.is_good)
        self.assertEqual((found.value, found.low, found.high), (50, 0, 100))
        self.assertEqual(found.conditions["questions"], 2)

    def test_a_key_without_a_score_is_not_good_and_none_of_all_is_not_certain(self):
        judged = [(item, {"error": "no_judgment"}) for item in keys.cases([pair("x")], 1)]
        found = rows.share("good", measures.scored(judged, rows.GREEDY), rows.is_good)
        self.assertEqual((found.value, found.conditions["without a score"]), (0, len(judged)))
        self.assertGreater(found.high, 50)

    def test_what_is_asked_for_is_that_of_the_issue(self):
        self.assertEqual(rows.wanted("accuracy of pairs", ""), (70, None))
        self.assertEqual(rows.wanted("accuracy", "rasbt_tone"), (95, None))
        self.assertEqual(rows.wanted("accuracy", "hh_rlhf"), (None, 50))
        self.assertEqual(rows.wanted("ROC-AUC", "truthfulqa_judge"), (0.75, None))
        self.assertEqual(rows.wanted("accuracy", "mcq_lists"), (None, None))

    @unittest.skipIf(importlib.util.find_spec("grpc") is None, "needs grpc")
    def test_the_judge_is_compared_with_the_row_that_is_best_on_the_same_items(self):
        sys.path.append(str(TOOLS / "python"))
        from judge.run import Run
        run = Run(None, None, None, None, False, None, None, None, Report(), None)
        ways = {"weak": {"a": 0, "b": 0, "l": 1}, "strong": {"a": 1, "b": 0.5, "l": 0}}
        rows.compare_training(run, ways, {"a": 1, "b": 1, "l": 1},
                              {"a": "p", "b": "p", "l": "llmbar"})
        overall, llmbar = run.report.figures
        self.assertEqual((overall.value, overall.conditions["best_row"]), (50, "strong"))
        self.assertEqual((llmbar.value, llmbar.conditions["best_row"]), (0, "weak"))
        self.assertFalse(llmbar.met)

    @unittest.skipIf(importlib.util.find_spec("grpc") is None, "needs grpc")
    def test_a_text_that_did_not_reach_its_scores_is_not_parsed(self):
        sys.path.append(str(TOOLS / "python"))
        from judge.run import Run
        run = Run(None, None, None, None, False, None, None, None, Report(), None)
        rows.add_parsed(run, "critiques", [{"texts": [[2, 1, 1, 1], [2, 0, 0, 0]]}, {}], 64)
        [found] = run.report.figures
        self.assertEqual((found.value, found.n, found.met), (75, 4, False))


if __name__ == "__main__":
    unittest.main()
