"""The judge that ships: imported as tools/quickstart does it, and asked what it was trained for."""

import os
import unittest
from pathlib import Path

from grmd import Client
from grmd.local import LocalGrmd

MODELS = Path(__file__).resolve().parents[2] / "models"
MIDDLE = 5.5
# (question, a good answer, one with a flaw that shows)
PAIRS = [
    ("How do I boil an egg?", "Put it into boiling water for eight minutes, then cool it under the tap.",
     "Figure it out yourself, you lazy idiot. I have no time for this."),
    ("Which colours are in the flag of Sweden?", "The flag of Sweden is blue with a yellow cross.",
     "Trains usually leave from platform four, and tickets are sold at the counter."),
    ("Write a sentence about a dog.", "The dog sleeps beside the fire while it rains outside.",
     "Fire dog rains the outside it sleeps while the beside."),
    ("Name a use for vinegar.", "Vinegar removes lime from a kettle when you boil it up once.",
     "Vinegar removes removes removes removes removes removes removes removes removes."),
    ("Write a grammatical sentence.", "The teachers have read the letters.",
     "The teachers has read the letters."),
    ("Why do leaves fall in autumn?",
     "Trees drop their leaves to save water and energy while the days are short.",
     "Why do leaves fall in autumn?"),
]


@unittest.skipUnless("GRMD_BIN" in os.environ and "GRMD_MODEL" in os.environ, "no grmd of our own")
class JudgeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.local = LocalGrmd(os.environ["GRMD_BIN"])
        cls.addClassCleanup(cls.local.close)
        cls.local.control("import", os.environ["GRMD_MODEL"], "--name", "default")
        cls.local.control("import", MODELS / "smollm2-135m-judge", "--onto", "default",
                          "--name", "judge", "--prompt-template", MODELS / "judge.template",
                          "--mode", "isolated", "--readout", "expected", "--max-tokens", 0)
        cls.local.control("activate", "judge", "--offline")
        cls.local.start()
        cls.client = Client(str(cls.local.socket))
        cls.addClassCleanup(cls.client.close)

    def test_it_tells_good_answers_from_flawed_ones_in_one_judgment_without_a_critique(self):
        right = 0
        for question, good, bad in PAIRS:
            verdict = self.client.score(question, [bad, good])
            self.assertEqual(verdict.k_drawn, 1)
            self.assertLess(verdict.usage.generated_tokens, 8)
            right += verdict.best == (1,)
        self.assertGreaterEqual(right, len(PAIRS) - 1)

    def test_answers_that_say_nothing_are_not_good(self):
        for question, *_ in PAIRS:
            for nothing in ("Sure, here it is:", "???"):
                [score] = self.client.score(question, [nothing]).scores
                self.assertLess(score.mean, MIDDLE, f"{nothing!r} to {question!r}")

    def test_its_critiques_end_with_a_score(self):
        verdict = self.client.score(*PAIRS[0][:1], list(PAIRS[0][1:]), k=8, seed=1,
                                    max_judgment_tokens=128,
                                    reply_parts=["principles", "critique"])
        self.assertEqual(verdict.best, (0,))
        parts = [part for judgment in verdict.judgments for part in judgment.parts]
        self.assertEqual(len(parts), 16)
        self.assertGreaterEqual(sum(not part.truncated for part in parts), 14)
        self.assertTrue(all(part.principles and part.critique for part in parts
                            if not part.truncated))


if __name__ == "__main__":
    unittest.main()
