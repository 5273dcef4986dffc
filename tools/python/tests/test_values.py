"""Requests, names, errors and verdicts as values, without a daemon."""

import unittest

import grpc
from grmd import (Cancelled, ErrorCode, JudgeFailed, Mode, NotSupported, Principle, Verdict,
                  request)
from grmd._generated.grm.v1 import scoring_pb2 as wire
from grmd.errors import error_of, is_unreached
from grmd.names import WIRE, from_wire, to_wire


class Failure(grpc.RpcError):
    """What gRPC raises."""

    def __init__(self, status, trailers=()):
        super().__init__()
        self.status, self.trailers = status, trailers

    def code(self):
        return self.status

    def details(self):
        return "what the daemon says"

    def trailing_metadata(self):
        return self.trailers


class NameTest(unittest.TestCase):
    def test_every_name_of_the_protocol_has_one_here(self):
        for kind, numbers in WIRE.items():
            prefix = numbers.Name(0).removesuffix("UNSPECIFIED")
            theirs = {name.removeprefix(prefix) for name in numbers.keys()} - {"UNSPECIFIED"}
            self.assertEqual({each.name for each in kind} - {"UNKNOWN"}, theirs)
            for each in kind:
                if each.name != "UNKNOWN":
                    self.assertEqual(from_wire(kind, to_wire(kind, each.value)), each)

    def test_a_name_that_is_newer_than_the_client_is_unknown(self):
        self.assertEqual(from_wire(Mode, 99), Mode.UNKNOWN)
        self.assertEqual(from_wire(Mode, 0), Mode.UNKNOWN)

    def test_a_wrong_word_is_told_the_right_ones(self):
        with self.assertRaisesRegex(ValueError, "expected one of list, isolated.*found 'lists'"):
            request("q", ["a"], mode="lists")


class RequestTest(unittest.TestCase):
    def test_options_are_the_fields_of_the_protocol(self):
        made = request([{"role": "system", "content": "s"}, {"role": "user", "content": "u"}],
                       ["a", "b"], mode="isolated", readout="expected", k=3, k_min=2, seed=1 << 63,
                       max_judgment_tokens=0, principles=["short", Principle("true", 2)],
                       stopping=None, reply_parts=["critique", "text"])
        self.assertEqual([turn.role for turn in made.conversation],
                         [wire.ROLE_SYSTEM, wire.ROLE_USER])
        self.assertEqual((made.mode, made.readout, made.k_max, made.k_min, made.seed),
                         (wire.JUDGING_MODE_ISOLATED, wire.SCORE_READOUT_EXPECTED, 3, 2, 1 << 63))
        self.assertTrue(made.HasField("max_judgment_tokens"))
        self.assertFalse(made.HasField("temperature") or made.HasField("stop_risk"))
        self.assertEqual(made.stopping, 0)
        self.assertEqual([each.HasField("weight") for each in made.principles], [False, True])
        self.assertEqual(list(made.reply_parts), [wire.REPLY_PART_CRITIQUE, wire.REPLY_PART_TEXT])

    def test_every_field_of_the_protocol_can_be_said(self):
        from grmd.request import Options
        fields = {field.name for field in wire.ScoreRequest.DESCRIPTOR.fields}
        names = {"k_max" if name == "k" else name for name in Options.__annotations__}
        self.assertEqual(names, fields - {"conversation", "responses"})

    def test_misspelt_options_and_a_lone_text_are_refused(self):
        with self.assertRaisesRegex(TypeError, "found 'kmax'"):
            request("q", ["a"], kmax=3)
        with self.assertRaisesRegex(TypeError, "sequence of texts"):
            request("q", "a")


class ErrorTest(unittest.TestCase):
    def test_the_detail_becomes_fields(self):
        detail = wire.ErrorDetail(code=wire.ERROR_CODE_NOT_SUPPORTED, subject="mode",
                                  expected="list", found="scalar", advice="leave it unset",
                                  retry_after_seconds=0)
        error = error_of(Failure(grpc.StatusCode.UNIMPLEMENTED,
                                 (("grm-error-bin", detail.SerializeToString()),)))
        self.assertIsInstance(error, NotSupported)
        self.assertEqual((error.code, error.subject, error.expected, error.found, error.advice),
                         (ErrorCode.NOT_SUPPORTED, "mode", "list", "scalar", "leave it unset"))
        self.assertEqual((error.retry_after, str(error)), (0, "what the daemon says"))

    def test_without_a_detail_the_status_stands_alone(self):
        error = error_of(Failure(grpc.StatusCode.CANCELLED, (("grm-error-bin", b"\xff"),)))
        self.assertIsInstance(error, Cancelled)
        self.assertIsNone(error.code)
        self.assertIsInstance(error_of(Failure(grpc.StatusCode.INTERNAL)), JudgeFailed)

    def test_only_a_call_that_nobody_took_is_made_again(self):
        draining = wire.ErrorDetail(code=wire.ERROR_CODE_DRAINING).SerializeToString()
        self.assertTrue(is_unreached(Failure(grpc.StatusCode.UNAVAILABLE)))
        self.assertFalse(is_unreached(Failure(grpc.StatusCode.UNAVAILABLE,
                                              (("grm-error-bin", draining),))))
        self.assertFalse(is_unreached(Failure(grpc.StatusCode.INTERNAL)))


class VerdictTest(unittest.TestCase):
    def test_what_is_unset_is_none_and_never_a_number(self):
        verdict = Verdict.of(wire.ScoreReply(
            scores=[wire.ResponseScore(mean=2.5, rank=1)],
            judgments=[wire.Judgment(outcome=wire.JUDGMENT_OUTCOME_UNPARSABLE)]))
        self.assertIsNone(verdict.scores[0].total)
        self.assertIsNone(verdict.scores[0].spread)
        self.assertIsNone(verdict.stop_bound)
        self.assertIsNone(verdict.versions.meta_rm)
        self.assertIsNone(verdict.judgments[0].meta_score)
        self.assertEqual(verdict.judgments[0].scores, ())

    def test_parts_are_kept_apart(self):
        verdict = Verdict.of(wire.ScoreReply(judgments=[wire.Judgment(
            outcome=wire.JUDGMENT_OUTCOME_SCORED, scores=[7, 3], order=[1, 0], parts=[
                wire.JudgmentPart(order=[1], scores=[3], outcome=wire.JUDGMENT_OUTCOME_SCORED),
                wire.JudgmentPart(order=[0], scores=[7], truncated=True)])]))
        parts = verdict.judgments[0].parts
        self.assertEqual([part.order for part in parts], [(1,), (0,)])
        self.assertEqual([part.truncated for part in parts], [False, True])


if __name__ == "__main__":
    unittest.main()
