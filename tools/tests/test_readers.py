"""Tests of the readers of published benchmarks, on rows written by hand in their formats."""

import importlib.util
import json
import sys
import tempfile
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOOLS)]

from evaluation import readers  # noqa: E402
from evaluation.items import DataError  # noqa: E402


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

    def test_a_folder_is_all_data_files_below_it(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder)
            (path / "Helpfulness").mkdir()
            with self.assertRaisesRegex(DataError, "expected files named"):
                readers.files_of(path)
            for name in ("b.json", "Helpfulness/a.jsonl", "LICENSE"):
                (path / name).write_text("[]")
            self.assertEqual(readers.files_of(path),
                             [path / "Helpfulness/a.jsonl", path / "b.json"])
            self.assertEqual(readers.files_of(path / "b.json"), [path / "b.json"])

    def test_a_file_that_is_no_text_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x.jsonl"
            path.write_bytes(b"{\xff}")
            with self.assertRaisesRegex(DataError, "byte 1 of .*expected UTF-8"):
                readers.read(path)

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


if __name__ == "__main__":
    unittest.main()
