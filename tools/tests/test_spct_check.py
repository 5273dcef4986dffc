"""Tests of tools/spct-check without a run: its data, its run files, how it counts."""

import contextlib
import importlib.machinery
import importlib.util
import io
import sys
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

TOOLS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOOLS))

from spct import bundled, environment, items, settings, targets  # noqa: E402


def program():
    """tools/spct-check as a module."""
    loader = importlib.machinery.SourceFileLoader("spct_check", str(TOOLS / "spct-check"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("spct_check", loader))
    loader.exec_module(module)
    return module


CHECK = program()


class Folder(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)


class BundledTest(Folder):
    def test_sixty_pairs_have_the_answer_as_the_best_and_every_flaw(self):
        bundled.write(self.folder)
        train = items.read(self.folder / "train.jsonl")
        answers = dict(bundled.ANSWERS)
        self.assertEqual(len({item.id for item in train}), 60)
        for item in train:
            answer = answers[item.context[0][1]]
            self.assertEqual(item.responses[item.best], answer)
            self.assertNotEqual(item.responses[1 - item.best], answer)
        self.assertEqual({targets.kind_of(item).flaw for item in train}, set(bundled.FLAWS))
        self.assertGreater(sum(item.best for item in train), 15)
        self.assertLess(sum(item.best for item in train), 45)

    def test_questions_to_look_at_are_not_trained_on(self):
        train, look = bundled.pairs()
        asked = [{row["context"][0]["content"] for row in rows} for rows in (train, look)]
        self.assertEqual((len(asked[0]), len(asked[1])), (20, 4))
        self.assertFalse(asked[0] & asked[1])


@unittest.skipUnless(importlib.util.find_spec("grpc"), "needs grpcio")
class RunFileTest(Folder):
    def test_what_it_writes_is_what_settings_reads(self):
        check = CHECK.Check(self.folder, Path("/bin"), Path("/model.gguf"))
        self.addCleanup(check.local.close)
        command = check.command("rft", "cut", rft={"steps": 5, "start": self.folder / "x.pt"})
        found = settings.read(command[-1])
        self.assertEqual(found.rft.steps, 5)
        self.assertEqual(found.rft.start, str(self.folder / "x.pt"))
        self.assertEqual(found.rft.folder, str(self.folder / "cut"))
        self.assertEqual(found.compose.forms["direct"], 1.0)
        self.assertEqual(found.source.grmctl, "/bin/grmctl")


class CountTest(unittest.TestCase):
    def run_of(self, *stages):
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            counts = CHECK.run(SimpleNamespace(stages=lambda: stages))
        return counts, told.getvalue()

    def broken(self):
        CHECK.expect(1 > 2, "a loss that falls", [1, 2])

    def test_the_whole_counts_as_one_more(self):
        self.assertEqual(self.run_of(("one", lambda: "fine"), ("two", lambda: "fine"))[0], (3, 0))

    def test_the_first_failure_ends_it_and_says_what_was_found(self):
        counts, told = self.run_of(("one", lambda: "fine"), ("two", self.broken),
                                   ("three", lambda: self.fail("ran on")))
        self.assertEqual(counts, (1, 1))
        self.assertIn("expected a loss that falls; found [1, 2]", told)

    def test_a_run_that_takes_too_long_fails(self):
        used = iter([5.0, 6.0 + CHECK.LIMIT_SECONDS])
        with mock.patch.object(CHECK, "processor_seconds", lambda: next(used)):
            self.assertEqual(self.run_of(("one", lambda: "fine"))[0], (1, 1))


class EnvironmentTest(Folder):
    def test_it_is_made_once_for_a_list_of_packages(self):
        made = []
        self.addCleanup(setattr, environment, "run", environment.run)

        def run(command):
            made.append(command)
            (self.folder / "venv").mkdir(exist_ok=True)

        environment.run = run
        for more in ((), (), ("trl==1",)):
            environment.python(self.folder / "venv", more)
        self.assertEqual(len(made), 4)
        self.assertEqual([part for part in made[3] if "trl" in str(part)], ["trl==1"])
        self.assertTrue(any(str(part).endswith("+cpu") for part in made[1]))


if __name__ == "__main__":
    unittest.main()
