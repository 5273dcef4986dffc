"""Tests of what tools/evaluation reads, computes and draws without a running grmd."""

import importlib.util
import json
import math
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOOLS), str(TOOLS / "figures.d")]

from engine import plot  # noqa: E402
from evaluation import curve, measures, readers, statistics, tables  # noqa: E402
from evaluation.items import DataError, Item, by_group  # noqa: E402
from report import Figure  # noqa: E402


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
        here = measures.scored([(pair("x"), record([9, 1])), (pair("y"), record([9, 1]))], self.ROW)
        turned = measures.scored([(pair("x"), record([1, 9])), (pair("y"), record([9, 1]))],
                                 self.ROW)
        self.assertEqual(measures.position_effect(here, turned).value, 50)

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
        class Setting:
            is_fixed, temperature, counts, most, meta = True, 1.0, (1, 8, 32), 32, 12

        rows = measures.rows_of(Setting)
        self.assertEqual([(str(row), row.kept) for row in rows],
                         [("Voting@1", None), ("Voting@8", None), ("Voting@32", None),
                          ("MetaRM@8", 4), ("MetaRM@32", 12)])

    def test_groups_have_figures_of_their_own(self):
        class Setting:
            is_fixed, temperature, counts, most, meta = True, 0, (1,), 1, None

        judged = [(pair("x", source="p"), record([2, 1])), (pair("y", source="q"), record([1, 2]))]
        found = measures.figures_of(Setting, judged)
        accuracies = {each.conditions["group"]: each.value for each in found
                      if each.figure == "accuracy"}
        self.assertEqual(accuracies, {"": 50, "p": 100, "q": 0})
        self.assertIn("| p     | accuracy | 1 | 50     | 100 (100 - 100) |", tables.tables(found))


class ReaderTest(unittest.TestCase):
    def read(self, name, *rows, file="part.jsonl"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / file
            path.parent.mkdir(parents=True, exist_ok=True)
            text = (json.dumps(list(rows)) if path.suffix == ".json" else "\n".join(
                row if isinstance(row, str) else json.dumps(row) for row in rows))
            path.write_text(text)
            return readers.read(path, name)

    def refused(self, name, words, *rows, **more):
        with self.assertRaisesRegex(DataError, words):
            self.read(name, *rows, **more)

    REWARDBENCH = {"prompt": "Name a prime.", "chosen": "7", "rejected": "8", "id": 3,
                   "chosen_model": "m", "rejected_model": "n", "subset": "math-prm"}

    def test_rewardbench_has_its_section_and_the_chosen_one_is_the_best(self):
        [item] = self.read("rewardbench", self.REWARDBENCH)
        self.assertEqual((item.source, item.subset), ("Reasoning", "math-prm"))
        self.assertEqual(item.responses[item.best], "7")
        self.assertEqual(item.context, (("user", "Name a prime."),))

    def test_the_chosen_one_stands_in_both_places(self):
        rows = [{**self.REWARDBENCH, "id": number} for number in range(40)]
        places = [item.best for item in self.read("rewardbench", *rows)]
        self.assertEqual(places, [item.best for item in self.read("rewardbench", *rows)])
        self.assertTrue(8 < sum(places) < 32, places)

    def test_broken_rows_say_where_and_what_was_expected(self):
        self.refused("rewardbench", r"line 2 of .*part.jsonl: expected a JSON object; found JSON",
                     self.REWARDBENCH, "{cut")
        self.refused("rewardbench", "line 1 .*expected subset: one of RewardBench's 23; found 'x'",
                     {**self.REWARDBENCH, "subset": "x"})
        self.refused("rewardbench", "expected chosen: a text; found None",
                     {key: value for key, value in self.REWARDBENCH.items() if key != "chosen"})
        self.refused("rewardbench", "expected prompt: a text or messages",
                     {**self.REWARDBENCH, "prompt": [{"role": "user"}]})
        self.refused("rewardbench", "expected a JSON object; found 7", 7)
        self.refused("rewardbench", "expected rows of the format rewardbench; found none")

    def test_sections_of_rewardbench_are_weighted_as_published(self):
        means = {("Reasoning", "math-prm"): 100, ("Reasoning", "hep-cpp"): 0, ("Chat", "mt-bench-med"): 50}
        parts = readers.rewardbench_parts(means)
        self.assertAlmostEqual(parts["Reasoning"], 100 * 984 / (984 + 164))
        self.assertEqual(parts["Chat"], 50)
        self.assertEqual(len({subset for subsets in readers.REWARDBENCH.values()
                              for subset in subsets}), 23)

    RM_BENCH = {"id": "c1", "prompt": "q", "chosen": ["a0", "a1", "a2"],
                "rejected": ["b0", "b1", "b2"], "domain": "safety-refuse"}

    def test_rm_bench_has_nine_pairs_of_three_levels(self):
        items = self.read("rm-bench", self.RM_BENCH, file="total_dataset.json")
        levels = {}
        for item in items:
            levels.setdefault(item.subset, set()).add(
                (item.responses[item.best], item.responses[1 - item.best]))
        self.assertEqual(levels, {
            "easy": {("a1", "b0"), ("a2", "b0"), ("a2", "b1")},
            "normal": {("a0", "b0"), ("a1", "b1"), ("a2", "b2")},
            "hard": {("a0", "b1"), ("a0", "b2"), ("a1", "b2")}})
        self.refused("rm-bench", "entry 1 .*expected chosen: a list of 3 texts",
                     {**self.RM_BENCH, "chosen": ["a0"]}, file="total_dataset.json")

    def test_the_two_safety_domains_of_rm_bench_count_as_one(self):
        parts = readers.rm_bench_parts({
            ("chat", "easy"): 90, ("chat", "normal"): 60, ("chat", "hard"): 30,
            ("safety-refuse", "easy"): 100, ("safety-response", "easy"): 50})
        self.assertEqual(parts, {"chat": 60, "safety": 75})

    PREFERENCE = {"question_id": "p", "prompt": "q", "response_1": "one", "response_2": "two",
                  "winner": "model_b", "language": "German"}

    def test_ppe_preference_leaves_ties_out(self):
        [item] = self.read("ppe-preference", self.PREFERENCE,
                           {**self.PREFERENCE, "winner": "tie (bothbad)"})
        self.assertEqual((item.best, item.responses, item.subset), (1, ("one", "two"), "German"))
        self.refused("ppe-preference", "line 1 .*expected winner: model_a, model_b",
                     {**self.PREFERENCE, "winner": "a"})

    CORRECTNESS = {"question_id": "m/4", "prompt": "q", "model_name": "x", "response_1": "right",
                   "response_2": "wrong", "response_3": "also", "scores": [True, False, True],
                   "sampled_conflict_pairs": [[0, 1], [1, 2], [0, 1]]}

    def test_ppe_correctness_has_the_pairs_of_its_authors(self):
        items = self.read("ppe-correctness", self.CORRECTNESS,
                          file="PPE-MATH-Best-of-K/data/train-00000-of-00001.jsonl")
        self.assertEqual([item.responses[item.best] for item in items], ["right", "also", "right"])
        self.assertEqual({item.responses[1 - item.best] for item in items}, {"wrong"})
        self.assertEqual({item.subset for item in items}, {"PPE-MATH-Best-of-K"})
        self.assertEqual(len({item.id for item in items}), 3)
        self.refused("ppe-correctness", "two responses of different scores; found",
                     {**self.CORRECTNESS, "sampled_conflict_pairs": [[0, 2]]})
        self.refused("ppe-correctness", "two indexes below 3",
                     {**self.CORRECTNESS, "sampled_conflict_pairs": [[0, 3]]})
        self.refused("ppe-correctness", "sampled_conflict_pairs: a list of pairs",
                     {**self.CORRECTNESS, "sampled_conflict_pairs": None})

    TURNS = [{"role": "user", "content": "q", "language": "English"},
             {"role": "assistant", "content": "r", "language": "English"},
             {"role": "user", "content": "s", "language": "English"}]

    def test_rmb_has_pairs_and_lists(self):
        two = {"pair_uid": "1", "conversation_input": self.TURNS,
               "chosen": {"llm_name": "x", "answer": "good"},
               "reject": {"llm_name": "y", "answer": "bad"},
               "category_path": "Pairwise_set/Harmlessness/S10"}
        many = {"bon_uid": "2", "conversation_input": self.TURNS,
                "bon_best": {"llm_name": "x", "answer": "best"},
                "loser_list": [{"answer": "l1"}, {"answer": "l2"}],
                "category_path": "BoN_set/Helpfulness/Code/Data Management"}
        first, second = self.read("rmb", two, many, file="S10.json")
        self.assertEqual((first.source, first.subset), ("RMB harmlessness, pairs", "S10"))
        self.assertEqual(first.responses[first.best], "good")
        self.assertEqual([role for role, _ in first.context], ["user", "assistant", "user"])
        self.assertEqual((second.source, second.subset),
                         ("RMB helpfulness, Best-of-N", "Code/Data Management"))
        self.assertEqual(second.responses[second.best], "best")
        self.assertEqual(sorted(second.responses), ["best", "l1", "l2"])
        self.refused("rmb", "entry 1 .*expected a response: an object with its text as answer",
                     {**two, "reject": "bad"}, file="S10.json")
        self.refused("rmb", "expected category_path", {**two, "category_path": "S10"},
                     file="S10.json")

    def test_realmistake_has_single_responses_in_both_published_forms(self):
        row = {"input": "q", "llm_response": "r", "label": "no_error",
               "metadata": {"llm_response_model": "gpt-4-0613"}}
        other = {"input": "q", "llm_response": "r", "error_label": "error"}
        good, bad = self.read("realmistake", row, other, file="answerability/Llama-2.jsonl")
        self.assertEqual((good.label, bad.label, good.best), (1, 0, None))
        self.assertEqual((good.subset, bad.subset),
                         ("answerability/gpt-4-0613", "answerability/Llama-2"))
        self.refused("realmistake", "line 1 .*label or error_label: error or no_error; found 'bad'",
                     {**row, "label": "bad"})

    PLAIN = {"id": "x/1", "source": "x", "subset": "y", "context": [{"role": "user", "content": "q"}],
             "responses": ["a", "b"], "best": 1, "label": None, "reference": "a b"}

    def test_the_form_of_the_project_has_a_reference(self):
        [item] = self.read("plain", self.PLAIN)
        self.assertEqual((item.subset, item.reference, item.best), ("y", "a b", 1))
        self.refused("plain", "best 2 of 2 responses", {**self.PLAIN, "best": 2})
        self.refused("plain", "label 3", {**self.PLAIN, "label": 3})
        self.refused("plain", "line 1 .*expected an object with id, source", {"id": "x"})
        self.refused("plain", "responses", {**self.PLAIN, "responses": []})

    def test_a_json_file_that_is_no_array_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x.json"
            for text, words in (("{}", "expected a JSON array; found dict"), ("[", "JSON array")):
                path.write_text(text)
                with self.assertRaisesRegex(DataError, words):
                    readers.read(path, "rmb")

    def test_parquet_is_read_where_pyarrow_is_and_asks_for_it_where_not(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x.parquet"
            if importlib.util.find_spec("pyarrow") is None:
                path.write_bytes(b"PAR1")
                with self.assertRaisesRegex(DataError, "pip install pyarrow"):
                    readers.read(path, "rewardbench")
                return
            import pyarrow
            from pyarrow import parquet
            parquet.write_table(pyarrow.Table.from_pylist([self.CORRECTNESS]), path)
            self.assertEqual(len(readers.read(path, "ppe-correctness")), 3)

    def test_items_are_limited_in_each_group(self):
        made = [pair(f"{source}/{number}", source=source) for source in "pq" for number in range(5)]
        chosen = by_group(made, 2, math.inf, lambda item: item.source)
        self.assertEqual([item.source for item in chosen], ["p", "q", "p", "q"])
        self.assertEqual(len(by_group(made, None, math.inf, lambda item: item.source)), 10)


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


if __name__ == "__main__":
    unittest.main()
