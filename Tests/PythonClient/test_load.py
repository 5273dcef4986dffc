"""One seed gives one reply, whatever else the daemon does at the same time.

  tools/python-client-test     makes what this needs and runs it

GRMD_LOAD_REQUESTS says how many requests (24); GRMD_LOAD_CLIENTS how many at once (32).
"""

import os
import random
import unittest
from concurrent.futures import ThreadPoolExecutor

import grpc
from grm.v1 import scoring_pb2, scoring_pb2_grpc

REQUESTS = int(os.environ.get("GRMD_LOAD_REQUESTS", "24"))
CLIENTS = int(os.environ.get("GRMD_LOAD_CLIENTS", "32"))
SCORE = "unix://" + os.environ["GRMD_SOCKET"]
SENTENCES = [
    "Paris is the capital of France.",
    "I am not sure, but it may be Lyon.",
    "The answer depends on what is meant by a capital.",
    "Since 1944 the government has had its seat there.",
    "Ask someone else; this is no question for me.",
    "Rome was not built in a day, and neither was Paris.",
]


def text(numbers, count):
    return " ".join(numbers.choice(SENTENCES) for _ in range(count))


def request(number):
    """Request `number` of the test: one of a few conversations, other responses, its own seed."""
    numbers = random.Random(number)
    conversation = text(random.Random(number % 5), 1 + 4 * (number % 5))
    parts = [scoring_pb2.REPLY_PART_TEXT, scoring_pb2.REPLY_PART_CRITIQUE]
    return scoring_pb2.ScoreRequest(
        conversation=[scoring_pb2.Message(role=scoring_pb2.ROLE_USER, content=conversation)],
        responses=[scoring_pb2.Response(content=text(numbers, numbers.randint(1, 6)))
                   for _ in range(numbers.randint(2, 4))],
        k_max=numbers.randint(1, 4), seed=number, temperature=numbers.choice([0, 0.7, 1]),
        top_p=numbers.choice([0.8, 1]), max_judgment_tokens=numbers.randint(4, 24),
        reply_parts=parts)


def answer(reply):
    """All of a reply but its times and counts, which depend on what else was done."""
    judgments = [(j.index, tuple(j.order), tuple(j.scores), j.outcome, j.critique, j.text,
                  j.generated_tokens)
                 for j in sorted(reply.judgments, key=lambda judgment: judgment.index)]
    scores = [(s.total, s.mean, s.rank) for s in reply.scores]
    return judgments, scores, reply.k_counted, reply.stop_reason


class LoadTest(unittest.TestCase):
    def test_replies_alone_are_the_replies_among_many(self):
        # A channel for each client: one connection would put their calls in line.
        options = [("grpc.use_local_subchannel_pool", 1)]
        channels = [grpc.insecure_channel(SCORE, options=options) for _ in range(CLIENTS)]
        for channel in channels:
            self.addCleanup(channel.close)
        stubs = [scoring_pb2_grpc.ScoringStub(channel) for channel in channels]
        alone = [answer(stubs[0].Score(request(number))) for number in range(REQUESTS)]
        order = list(range(REQUESTS))
        random.Random(1).shuffle(order)
        with ThreadPoolExecutor(CLIENTS) as pool:
            calls = {number: pool.submit(stubs[place % CLIENTS].Score, request(number))
                     for place, number in enumerate(order)}
            together = [answer(calls[number].result()) for number in range(REQUESTS)]
        for number in range(REQUESTS):
            self.assertEqual(together[number], alone[number], f"request {number}")
        texts = {judgment[5] for judgments, *_ in alone for judgment in judgments}
        self.assertGreater(len(texts), REQUESTS, "expected many different judgments")


if __name__ == "__main__":
    unittest.main()
