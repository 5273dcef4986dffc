"""Tests of what tools/spct composes and reads; nothing here needs PyTorch."""

import re
import sys
import tempfile
import unittest
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

TOOLS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOOLS))

from spct import (compose, examples, items, nulls, plot, prompts, reject, sample, settings,  # noqa: E402
                  targets, wording)

SUBSETS = [("blimp_pairs", "syntax/passive_1"), ("gsm8k_corrupted_train", "pair"),
           ("constructed_quality", "constructed/echo"), ("constructed_quality", "constructed/noise"),
           ("hh_rlhf", "harmless-base"), ("hh_rlhf", "helpful-base"), ("mcq_lists", "openbookqa"),
           ("rasbt_tone", "polite-vs-rude"), ("t0_pairs", "classify/x"), ("t0_pairs", "offtopic/x"),
           ("truthfulqa_lists", "Law"), ("ultrafeedback_sample", "gap<2")]


def pair(number=0, source="rasbt_tone", subset="polite-vs-rude", best=1):
    return items.Item(f"{source}/{number}", source, subset, (("user", "Say how warm it is."),),
                      ("It is a day like any other, you fool.", "It is twenty degrees, my friend."),
                      best, None, None)


def single(label=1):
    return items.Item("truthfulqa_judge/1", "truthfulqa_judge", "truth", (("user", "Why?"),),
                      ("Because of the rain.",), None, label, None)


class ScoreTest(unittest.TestCase):
    def test_the_best_response_is_strictly_first_in_every_source(self):
        for source, subset in SUBSETS:
            for number in range(200):
                drawn = targets.scores(pair(number, source, subset), items.draws(source, number))
                self.assertGreater(drawn[1], drawn[0], (source, subset, drawn))
                self.assertTrue(all(1 <= score <= 10 for score in drawn), drawn)

    def test_scores_of_many_items_spread_over_the_scale(self):
        found = Counter()
        for source, subset in SUBSETS:
            for number in range(200):
                found.update(targets.scores(pair(number, source, subset), items.draws(number)))
        self.assertEqual(set(found), set(range(1, 11)))

    def test_near_ties_are_closer_than_constructed_flaws(self):
        def gap(*kind):
            best, other = targets.centres(pair(0, *kind))[::-1]
            return best - other

        self.assertLess(gap("hh_rlhf", "helpful-base"), 3)
        self.assertGreater(gap("constructed_quality", "constructed/echo"), 5)

    def test_a_label_says_whether_a_single_response_is_good(self):
        self.assertGreater(targets.centres(single(1))[0], 5.5)
        self.assertLess(targets.centres(single(0))[0], 5.5)

    def test_a_source_that_nothing_is_known_of_is_refused(self):
        with self.assertRaisesRegex(ValueError, "found elsewhere"):
            targets.kind_of(pair(source="elsewhere"))


class TextTest(unittest.TestCase):
    FORM = re.compile(r"(\d\. [A-Z][^(\n]* \(weight \d+%\): [^\n]+\n){2,4}Analysis:\n[^\n]+\n"
                      r"Scores: \\boxed\{\d+(, \d+)*\}")

    def test_a_critique_has_the_judges_form_and_the_items_scores(self):
        for source, subset in SUBSETS:
            for number in range(50):
                text, drawn = targets.critique(pair(number, source, subset), (1, 0), seed=3)
                self.assertRegex(text, rf"\A(?:{self.FORM.pattern})\Z")
                self.assertTrue(text.endswith(f"{{{drawn[1]}, {drawn[0]}}}"), text)

    def test_weights_add_up_to_a_hundred(self):
        for number in range(200):
            chosen = targets.criteria(pair(number), items.draws(number))
            self.assertEqual(sum(weight for _, _, weight in chosen), 100)
            self.assertEqual(len({name for name, _, _ in chosen}), len(chosen))

    def test_responses_of_an_item_share_their_criteria(self):
        texts = [targets.critique(pair(), (index,), seed=3)[0] for index in (0, 1)]
        self.assertEqual(*(text.split("Analysis:")[0] for text in texts))

    def test_given_criteria_are_not_written_again(self):
        text, _ = targets.critique(pair(), (0,), seed=3, given=())
        self.assertNotIn("weight", text)
        self.assertNotIn("Analysis:", text)

    def test_a_critique_quotes_the_response(self):
        quoting = 0
        for number in range(200):
            text, _ = targets.critique(pair(number), (0,), seed=3, given=())
            quotes = re.findall(r'"([^"]+)"', text)
            self.assertTrue(all(part in pair().responses[0] for part in quotes), text)
            quoting += bool(quotes)
        self.assertGreater(quoting, 100)

    def test_no_text_is_a_template_to_recite(self):
        texts = Counter(targets.critique(pair(number), (0,), seed=3)[0] for number in range(500))
        self.assertGreater(len(texts), 450)

    def test_a_direct_answer_is_one_digit_for_each_response(self):
        for number in range(100):
            self.assertRegex(targets.direct(pair(number), (0,), 1)[0], r"\A[1-9]\}\Z")
            self.assertRegex(targets.direct(pair(number), (0, 1), 1)[0], r"\A[1-9], [1-9]\}\Z")

    def test_a_slip_is_quoted_where_the_responses_part(self):
        item = items.Item("g", "gsm8k_corrupted_train", "pair", (("user", "?"),),
                          ("He has 4 + 5 = 9 eggs and sells them for 2 each.",
                           "He has 4 + 5 = 8 eggs and sells them for 2 each."), 0, None, None)
        words = targets.telling_quote(item, 1, items.draws(1))
        self.assertIn("8", words)

    def test_quotes_cannot_break_the_form(self):
        for number in range(100):
            words = targets.quote('a "b" \\boxed{9} [x] c d e', items.draws(number))
            self.assertNotRegex(words, r'["\\{}\[\]]')

    def test_every_flaw_and_task_has_words(self):
        kinds = [targets.kind_of(pair(0, *each)) for each in SUBSETS]
        kinds += [targets.kind_of(single())]
        for kind in kinds:
            self.assertIn(kind.task, wording.CRITERIA)
            self.assertIn(kind.task, wording.PRAISE)
            self.assertIn(kind.flaw, wording.CLAIMS)


class MixtureTest(unittest.TestCase):
    def everything(self):
        return ([pair(number) for number in range(300)]
                + [pair(number, "hh_rlhf", "helpful-base") for number in range(100)])

    def test_every_stretch_has_the_same_mixture(self):
        mixed = items.mixed(self.everything(), {}, 400, seed=1)
        for start in range(0, 400, 80):
            share = sum(item.source == "hh_rlhf" for item in mixed[start : start + 80])
            self.assertTrue(14 <= share <= 26, share)

    def test_all_of_a_group_come_before_one_comes_again(self):
        mixed = items.mixed(self.everything(), {"hh_rlhf": 3.0}, 600, seed=1)
        counts = Counter(item.id for item in mixed if item.source == "hh_rlhf")
        self.assertEqual(len(counts), 100)
        self.assertLessEqual(max(counts.values()) - min(counts.values()), 1)

    def test_a_seed_gives_one_order(self):
        once, again, other = (items.mixed(self.everything(), {}, 50, seed) for seed in (1, 1, 2))
        self.assertEqual(once, again)
        self.assertNotEqual(once, other)

    def test_lists_need_two_responses(self):
        plan = compose.plan([single(), pair()], {"list": 1.0, "direct": 1.0}, seed=1)
        self.assertEqual([form for _, form in plan], ["direct", "list", "direct"])

    def test_answers_that_say_nothing_are_composed_but_none_of_the_figures(self):
        plan = compose.plan([pair()], {"direct": 1.0, "null": 1.0}, seed=1)
        [(_, _), (null, form)] = plan
        self.assertEqual((form, null.label, null.best, null.context),
                         ("direct", 0, None, pair().context))
        self.assertLess(targets.centres(null)[0], 2)
        drawn = {nulls.text(items.draws("null", number)) for number in range(3000)}
        self.assertGreater(len(drawn), 300)
        sys.path.insert(0, str(TOOLS / "figures.d"))
        from judge.keys import KEYS
        self.assertFalse(drawn & {key for texts in KEYS.values() for key in texts})

    def test_an_unknown_form_is_refused(self):
        with self.assertRaisesRegex(ValueError, "found odd"):
            compose.plan([pair()], {"odd": 1.0}, seed=1)


class RequestTest(unittest.TestCase):
    def test_a_direct_request_asks_for_no_critique(self):
        request = examples.request_of(pair(), "direct", 1)
        self.assertEqual(request["max_judgment_tokens"], 0)
        self.assertEqual(request["mode"], "JUDGING_MODE_ISOLATED")
        self.assertEqual(request["conversation"][0]["role"], "ROLE_USER")

    def test_given_criteria_are_in_the_request(self):
        principles = examples.request_of(pair(), "given", 1)["principles"]
        self.assertEqual(sum(each["weight"] for each in principles), 100)

    def test_general_text_is_a_chat_that_ends_with_the_best_response(self):
        texts = examples.turn_texts(pair(best=1))
        self.assertEqual(texts[1:], ["user\n", "Say how warm it is.", "assistant\n",
                                     "It is twenty degrees, my friend."])
        prompt = prompts.Prompt(0, (1,), (1, 50, 51), 2, ())
        row = examples.general_row(prompt, [[9], [11], [12, 13], [14], [15, 16]])
        self.assertEqual((row.prompt, row.target, row.scores),
                         ([1, 11, 12, 13, 2, 9, 1, 14], [15, 16, 2], []))

    def test_general_text_comes_from_sources_of_answers(self):
        plan = compose.plan([single(), pair()], {"general": 1.0}, seed=1)
        self.assertEqual([item.source for item, _ in plan], ["rasbt_tone"])

    def test_a_line_of_grmctl_is_read(self):
        prompt = prompts.parsed({"request": 2, "prompt": 0, "order": [1, 0], "text": "x",
                                 "tokens": [1, 5], "end_token": 2, "targets": [[39, 109]]})
        self.assertEqual(prompt, prompts.Prompt(2, (1, 0), (1, 5), 2, ((39, 109),)))

    def test_examples_are_read_as_they_were_written(self):
        row = examples.Row([0], [1, 2], [3, 4], [7])
        example = examples.Example("a", "g", "direct", 0, None, [8.0, 2.0], [row])
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "examples"
            examples.write(path, [example, example])
            self.assertEqual(list(examples.read(path)), [example, example])


def judged(scores, truncated=False):
    return {"scores": scores, "parts": [{"order": [index], "tokens": [7, 8], "text": "",
                                         "truncated": truncated} for index in range(len(scores))]}


def line(*judgments, hinted=False):
    return {"mode": "isolated", "k": 3, "seed": 4, "max_judgment_tokens": 96, "hinted": hinted,
            "judgments": list(judgments)}


class RejectionTest(unittest.TestCase):
    def test_the_best_has_to_be_strictly_ahead(self):
        self.assertTrue(reject.is_right(pair(best=1), [3, 4]))
        self.assertFalse(reject.is_right(pair(best=1), [4, 4]))
        self.assertFalse(reject.is_right(pair(best=1), []))

    def test_a_single_response_has_to_be_on_its_labels_side(self):
        self.assertTrue(reject.is_right(single(1), [6]))
        self.assertFalse(reject.is_right(single(0), [6]))
        self.assertFalse(reject.is_right(single(1), [5.5]))

    def test_a_part_is_right_as_often_as_with_the_other_parts_of_any_judgment(self):
        made = [judged([2, 8]), judged([8, 2]), judged([2, 2]), judged([])]
        expected = [1 / 3, 2 / 3, 0.0, 0.0, 1 / 3, 0.0]
        self.assertEqual(reject.shares_right(pair(best=1), made), expected)
        for found, share in zip(reject.shares_right(pair(best=1), made[:2], most=1), [1, 1, 0, 0]):
            self.assertEqual(found, share)
        self.assertEqual(reject.shares_right(single(1), [judged([6]), judged([5])]), [1.0, 0.0])
        self.assertEqual(reject.shares_right(pair(best=1), [judged([5, 5])], made), [1 / 3, 2 / 3])

    def test_what_is_always_or_never_right_is_dropped(self):
        right, wrong = judged([2, 8]), judged([8, 2])
        for judgments, expected in [((right, right), ([], "too easy")),
                                    ((wrong, wrong), ([], "never right")),
                                    ((), ([], "failed")),
                                    ((right, wrong), ([right], "kept"))]:
            self.assertEqual(reject.chosen(pair(), line(*judgments)), expected)

    def test_a_hint_does_not_make_an_item_too_easy(self):
        right = judged([2, 8])
        self.assertEqual(reject.chosen(pair(), line(right, right, hinted=True))[1], "kept")

    def test_truncated_judgments_teach_nothing(self):
        found = reject.chosen(pair(), line(judged([2, 8], truncated=True), judged([8, 2])))
        self.assertEqual(found, ([], "truncated"))

    def test_an_example_has_the_prompt_and_the_tokens_of_each_part(self):
        found = {(index,): prompts.Prompt(0, (index,), (1, index), 2, ()) for index in (0, 1)}
        made = reject.example_of(pair(), line(), judged([2, 8]), found)
        self.assertEqual([(row.prompt, row.target, row.scores) for row in made.rows],
                         [([1, 0], [7, 8, 2], [2]), ([1, 1], [7, 8, 2], [8])])

    def test_the_trained_request_has_no_hint(self):
        self.assertNotIn("reference", reject.requests_of(pair(), line(hinted=True)))


class SampleTest(unittest.TestCase):
    def test_a_file_that_a_kill_cut_off_goes_on_after_its_last_whole_line(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "samples"
            path.write_text('{"item": "a"}\n{"item": "b"}\n{"item": "c')
            self.assertEqual(sample.known(path), {"a", "b"})
            self.assertEqual(path.read_text(), '{"item": "a"}\n{"item": "b"}\n')

    def test_a_hint_is_the_best_response(self):
        options = settings.Sample(hinted=True)
        self.assertEqual(sample.request_options(pair(), options, 1)["reference"],
                         pair().responses[1])
        self.assertNotIn("reference", sample.request_options(single(), options, 1))
        self.assertNotIn("reference", sample.request_options(pair(), settings.Sample(), 1))


class SettingsTest(unittest.TestCase):
    def test_the_recipes_of_shipped_weights_are_read(self):
        recipes = sorted((TOOLS / "models").glob("*/*.toml"))
        self.assertTrue(recipes)
        for recipe in recipes:
            with self.subTest(recipe.name):
                settings.read(recipe)

    def read(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "run.toml"
            path.write_text(text)
            return settings.read(path)

    def test_what_is_not_named_has_its_default(self):
        found = self.read("seed = 3\n[rft]\nrate = 1\n")
        self.assertEqual((found.seed, found.rft.rate, found.adapter.rank), (3, 1.0, 16))

    def test_unknown_names_and_wrong_types_are_refused(self):
        for text, expected in [("[rft]\nspeed = 1\n", r"rft\.speed"),
                               ('[adapter]\nrank = "a"\n', r"adapter\.rank: expected int")]:
            with self.assertRaisesRegex(ValueError, expected):
                self.read(text)


class PlotTest(unittest.TestCase):
    def test_a_picture_has_a_panel_for_each_curve(self):
        root = ElementTree.fromstring(plot.picture({"a": [(1, 2.0), (2, 1.0)], "b": [(1, 1.0)]}))
        lines = [each for each in root if each.tag.endswith("polyline")]
        self.assertEqual(len(lines), 4)

    def test_the_running_mean_is_of_the_last_ones(self):
        self.assertEqual(plot.smooth([(0, 1.0), (1, 3.0), (2, 5.0)], 2),
                         [(0, 1.0), (1, 2.0), (2, 4.0)])


if __name__ == "__main__":
    unittest.main()
