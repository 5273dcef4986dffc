"""The clients on a real grmd."""

import asyncio
import os
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import grpc
from daemon import DaemonTest, started
from grmd import (AsyncClient, Client, DeadlineExceeded, ErrorCode, InvalidRequest, Judgment,
                  Outcome, Overloaded, Response, StopReason, Unavailable, Verdict, VersionMismatch)
from grmd.client import address_of

QUESTION = "What is the capital of France?"
ANSWERS = ["Paris.", "Lyon."]
SMALL = {"k": 4, "seed": 7, "max_judgment_tokens": 16}


def judged(verdict):
    """What must be the same for the same seed."""
    return verdict.scores, [(each.order, each.scores, each.text) for each in verdict.judgments]


class ClientTest(DaemonTest):
    def setUp(self):
        self.client = Client(self.address)
        self.addCleanup(self.client.close)

    def test_a_verdict_has_everything_that_the_daemon_says(self):
        verdict = self.client.score(QUESTION, [Response("Paris.", "a"), "Lyon."],
                                    reply_parts=["text", "tokens"], request_id="r1", **SMALL)
        self.assertEqual([each.id for each in verdict.scores], ["a", ""])
        self.assertEqual((verdict.k_drawn, verdict.k_counted, verdict.seed), (4, 4, 7))
        self.assertEqual((verdict.stop_reason, verdict.request_id), (StopReason.K_MAX, "r1"))
        self.assertIsNone(verdict.stop_bound)
        self.assertEqual(len(verdict.versions.grm.digest), 64)
        self.assertGreater(verdict.usage.generated_tokens, 4)
        self.assertGreater(verdict.timings.total_seconds, 0)
        for judgment in verdict.judgments:
            self.assertEqual(judgment.outcome, Outcome.SCORED)
            self.assertIn("\\boxed{", judgment.text)
            self.assertEqual(len(judgment.tokens), judgment.generated_tokens)
        for index, score in enumerate(verdict.scores):
            total = sum(judgment.scores[index] for judgment in verdict.judgments)
            self.assertEqual((score.index, score.total, score.mean), (index, total, total / 4))
        self.assertEqual(verdict.best, tuple(
            score.index for score in verdict.scores
            if score.total == max(each.total for each in verdict.scores)))

    def test_turns_and_mappings_make_the_same_conversation(self):
        turns = self.client.score([{"role": "user", "content": QUESTION}], ANSWERS, **SMALL)
        self.assertEqual(judged(turns), judged(self.client.score(QUESTION, ANSWERS, **SMALL)))

    def test_a_stream_ends_with_the_verdict_of_a_plain_call(self):
        *judgments, verdict = self.client.score_stream(QUESTION, ANSWERS, **SMALL)
        self.assertTrue(all(isinstance(each, Judgment) for each in judgments))
        self.assertEqual(sorted(each.index for each in judgments), [0, 1, 2, 3])
        self.assertIsInstance(verdict, Verdict)
        self.assertEqual(judged(verdict), judged(self.client.score(QUESTION, ANSWERS, **SMALL)))

    def test_a_refusal_carries_what_the_daemon_says(self):
        with self.assertRaises(InvalidRequest) as caught:
            self.client.score(QUESTION, [], **SMALL)
        error = caught.exception
        self.assertEqual(error.code, ErrorCode.RESPONSE_COUNT)
        self.assertTrue(error.subject and error.expected and error.found and error.advice)
        self.assertIsNone(error.retry_after)
        with self.assertRaises(VersionMismatch) as caught:
            self.client.score(QUESTION, ANSWERS, expected_grm="another", **SMALL)
        self.assertEqual(caught.exception.expected, "another")

    def test_a_deadline_that_allows_no_judgment_is_an_error(self):
        with self.assertRaises(DeadlineExceeded):
            self.client.score(QUESTION, ANSWERS, k=16, max_judgment_tokens=200, timeout=0.002)

    def test_responses_that_are_judged_apart_come_in_parts(self):
        verdict = self.client.score(QUESTION, ANSWERS, mode="isolated", readout="expected", k=1,
                                    max_judgment_tokens=0, reply_parts=["text"])
        self.assertEqual((verdict.mode, verdict.readout), ("isolated", "expected"))
        [judgment] = verdict.judgments
        self.assertEqual([part.order for part in judgment.parts], [(0,), (1,)])
        self.assertEqual(sum((part.scores for part in judgment.parts), ()), judgment.scores)
        self.assertEqual(judgment.scores, verdict.means)

    def test_threads_share_a_client(self):
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(
                lambda seed: judged(self.client.score(QUESTION, ANSWERS, **{**SMALL, "seed": seed})),
                range(4)))
        alone = [judged(self.client.score(QUESTION, ANSWERS, **{**SMALL, "seed": seed}))
                 for seed in range(4)]
        self.assertEqual(together, alone)

    def test_asyncio_gives_the_same(self):
        async def calls():
            async with AsyncClient(self.address) as client:
                several = await asyncio.gather(*(
                    client.score(QUESTION, ANSWERS, **{**SMALL, "seed": seed})
                    for seed in range(3)))
                events = [each async for each in client.score_stream(QUESTION, ANSWERS, **SMALL)]
                with self.assertRaises(InvalidRequest):
                    await client.score(QUESTION, [], **SMALL)
                with self.assertRaises(DeadlineExceeded):
                    await client.score(QUESTION, ANSWERS, k=16, max_judgment_tokens=200,
                                       timeout=0.002)
                return several, events

        several, events = asyncio.run(calls())
        for seed, verdict in enumerate(several):
            plain = self.client.score(QUESTION, ANSWERS, **{**SMALL, "seed": seed})
            self.assertEqual(judged(verdict), judged(plain))
        self.assertEqual(judged(events[-1]),
                         judged(self.client.score(QUESTION, ANSWERS, **SMALL)))


class WithoutDaemonTest(unittest.TestCase):
    def test_where_it_looks_for_a_daemon(self):
        with mock.patch.dict(os.environ, {"GRMD_SOCKET": "/tmp/x.sock"}):
            self.assertEqual(address_of(), "unix:///tmp/x.sock")
            self.assertEqual(address_of("/tmp/y.sock"), "unix:///tmp/y.sock")
        with mock.patch.dict(os.environ):
            os.environ.pop("GRMD_SOCKET", None)
            self.assertEqual(address_of(), "unix:///run/grmd/score.sock")
        self.assertEqual(address_of("dns:localhost:1"), "dns:localhost:1")

    def test_no_daemon_is_an_error_and_not_a_wait_without_end(self):
        begin = time.monotonic()
        with Client("/tmp/no-such-grmd.sock", patience=0.5) as client:
            with self.assertRaises(Unavailable) as caught:
                client.score(QUESTION, ANSWERS)
        self.assertIsNone(caught.exception.code)
        self.assertEqual(caught.exception.status, grpc.StatusCode.UNAVAILABLE)
        self.assertTrue(0.3 < time.monotonic() - begin < 5)


@unittest.skipIf("GRMD_BIN" not in os.environ, "needs a grmd to start and stop: set GRMD_BIN")
class OwnDaemonTest(unittest.TestCase):
    def test_a_client_survives_a_restart(self):
        local = started()
        self.addCleanup(local.close)
        with Client(str(local.socket), patience=30) as client:
            before = judged(client.score(QUESTION, ANSWERS, **SMALL))
            local.stop()
            again = threading.Timer(1, local.start)
            again.start()
            self.assertEqual(judged(client.score(QUESTION, ANSWERS, **SMALL)), before)
            again.join()

    def test_a_full_daemon_says_when_to_call_again_and_a_closed_stream_makes_room(self):
        local = started(**{"limits.requests": 1})
        self.addCleanup(local.close)
        with Client(str(local.socket)) as client, Client(str(local.socket)) as other:
            # So narrow an interval is never had: judgments come two by two up to k.
            long = client.score_stream(QUESTION, ANSWERS, k=64, score_width=0.001, seed=1,
                                       max_judgment_tokens=60)
            self.assertIsInstance(next(long), Judgment)
            with self.assertRaises(Overloaded) as caught:
                other.score(QUESTION, ANSWERS, **SMALL)
            self.assertEqual(caught.exception.code, ErrorCode.QUEUE_FULL)
            self.assertGreater(caught.exception.retry_after, 0)
            long.close()
            self.assertEqual(self.when_there_is_room(other).k_counted, 4)

    def when_there_is_room(self, client, seconds=2):
        end = time.monotonic() + seconds
        while True:
            try:
                return client.score(QUESTION, ANSWERS, **SMALL)
            except Overloaded as full:
                self.assertLess(time.monotonic(), end, full)
                time.sleep(0.02)


if __name__ == "__main__":
    unittest.main()
