"""Tests of tools/evaluate on a grmd of their own: GRMD_BIN names the folder of its programs,
GRMD_MODEL a model."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOOLS / "python"))
ASKED = "GRMD_BIN" in os.environ and "GRMD_MODEL" in os.environ


def rows(count):
    for number in range(count):
        yield {"id": f"t/{number}", "source": "sums", "subset": "pairs", "label": None, "best": 0,
               "context": [{"role": "user", "content": f"What is {number} + 2?"}],
               "responses": [f"It is {number + 2}.", "No."], "reference": None}
    yield {"id": "t/single", "source": "singles", "subset": "", "label": 1, "best": None,
           "context": [{"role": "user", "content": "Name a prime."}], "responses": ["7"],
           "reference": "7"}


@unittest.skipUnless(ASKED, "needs a grmd and a model: set GRMD_BIN and GRMD_MODEL")
class EvaluateTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        from grmd.local import LocalGrmd
        cls.local = LocalGrmd(os.environ["GRMD_BIN"])
        cls.addClassCleanup(cls.local.close)
        cls.local.control("import", os.environ["GRMD_MODEL"], "--name", "judge")
        cls.local.control("activate", "judge", "--offline", "--reason", "test")
        cls.local.start()

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        self.data, self.results = self.folder / "d.jsonl", self.folder / "r.jsonl"
        self.data.write_text("".join(json.dumps(row) + "\n" for row in rows(4)))

    def run_it(self, *options):
        return subprocess.run(
            [sys.executable, str(TOOLS / "evaluate"), str(self.data), "--socket",
             str(self.local.socket), "--results", str(self.results), *options],
            text=True, capture_output=True, check=False)

    def lines(self):
        return self.results.read_text().splitlines()

    def test_a_second_run_asks_only_what_is_new(self):
        options = ("--mode", "isolated", "--readout", "expected", "--direct")
        first = self.run_it(*options)
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertIn("| accuracy, % ", first.stdout)
        kept = self.lines()
        self.assertEqual(len(kept), 5)
        self.assertEqual(self.run_it(*options).stdout, first.stdout)
        self.assertEqual(self.lines(), kept)
        # A line that a kill cut off is asked for again, another setting beside it.
        self.results.write_text("\n".join(kept[:-1]) + "\n" + kept[-1][:20])
        self.assertEqual(self.run_it(*options).returncode, 0)
        self.assertEqual(self.lines()[:4], kept[:4])
        self.assertEqual(len(self.lines()), 5)
        self.assertEqual(self.run_it("--mode", "likelihood").returncode, 0)
        self.assertEqual(len(self.lines()), 10)

    def test_fewer_votes_are_the_first_judgments_of_the_same_request(self):
        picture, figures = self.folder / "c.svg", self.folder / "f.jsonl"
        done = self.run_it("--mode", "list", "--direct", "--k", "1,2,4", "--swap", "--curve",
                           str(picture), "--json", str(figures))
        self.assertEqual(done.returncode, 0, done.stderr)
        answers = [json.loads(line)[1] for line in self.lines()]
        self.assertEqual([len(each["scores"]) for each in answers], [4] * 9)
        known = [json.loads(line) for line in figures.read_text().splitlines()]
        for count in (1, 2, 4):
            [mean] = [each for each in known if each["figure"] == "mean k"
                      and each["conditions"]["k"] == count]
            self.assertEqual((mean["value"], mean["n"]), (count, 5))
        self.assertIn("decisions that change with the order", {each["figure"] for each in known})
        self.assertIn("<polyline", picture.read_text())

    def test_a_request_that_cannot_be_judged_is_a_failure_by_name_and_no_score(self):
        row = next(rows(1))
        row["responses"] = ["word " * 40000, "No."]
        self.data.write_text(json.dumps(row) + "\n")
        done = self.run_it("--mode", "isolated", "--direct")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"failures: (context_overflow|text_too_long|token_budget), %")
        self.assertRegex(done.stdout, r"\| accuracy, % +\| 1 +\| 0 \(0 - 0\)")

    def test_what_the_daemon_cannot_do_ends_the_run_with_its_reason(self):
        done = self.run_it("--mode", "scalar")
        self.assertEqual(done.returncode, 1)
        self.assertIn("scalar head", done.stderr)
        done = self.run_it("--k", "4", "--meta", "2")
        self.assertIn("expected a meta-RM beside the judge", done.stderr)


if __name__ == "__main__":
    unittest.main()
