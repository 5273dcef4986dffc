"""Requests to a running grmd, and what is kept of its answers: a run that is broken off goes on."""

import time
from concurrent.futures import ThreadPoolExecutor

from grmd import (Client, DeadlineExceeded, GrmdError, InvalidRequest, JudgeFailed, Overloaded,
                  VersionMismatch, request)

from evaluation.items import seed
from evaluation.setting import EvaluationFailure
from method.bench import Progress
from method.records import key_of

OVERLOAD_SECONDS = 60  # that a full daemon is asked again


def message_of(setting, item, is_swapped=False):
    """The request for an item, or for it with its responses the other way round. The seed is the
    item's: the daemon then shows them the other way round, too."""
    responses = item.responses[::-1] if is_swapped else item.responses
    return request(item.conversation, responses, seed=seed("evaluate", item.id),
                   reference=item.reference if setting.has_reference else None,
                   **setting.options())


class Asker:
    """Asks a running grmd, and keeps each answer under its request and the judge that gave it.

    `judge`: what the answers are kept under beside the request, None for the digests that are
    served. A deployment that changes on the way ends the run: no other judge mixes in.
    """

    def __init__(self, address, records, judge=None, at_once=1):
        self.records, self.at_once = records, at_once
        # A client for each call at a time: on one connection they would wait for one another.
        self.clients = [Client(address) for _ in range(at_once)]
        self.judge, self.served = judge, None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for client in self.clients:
            client.close()

    def probe(self, setting):
        """Learns who judges, with a request of one judgment; EvaluationFailure if there is no
        daemon, or it cannot judge in this way."""
        options = {**setting.options(1), "k_meta": None,
                   "max_judgment_tokens": None if setting.tokens is None else min(setting.tokens, 1)}
        try:
            answer = self.first_answer(options)
        except GrmdError as error:
            raise EvaluationFailure(f"grmd does not judge in this way: {error}") from error
        self.served = answer.versions
        if setting.meta is not None and all(each.meta_score is None for each in answer.judgments):
            raise EvaluationFailure("a filter by meta scores: expected a meta-RM beside the judge or a "
                                    "probe on it, found none; grmctl activate JUDGE --meta-rm NAME")
        return self.served

    def first_answer(self, options):
        """A verdict that says who judges. A judge may fail to write scores for one text; without
        a critique it always has some."""
        texts = "Name a prime.", ["7", "8"]
        try:
            return self.send(request(*texts, seed=1, **options), 0)
        except JudgeFailed:
            return self.send(request(*texts, k=1, max_judgment_tokens=0), 0)

    @property
    def key(self):
        """What tells one judge from another."""
        if self.judge is not None:
            return (*self.judge, self.served.template_digest, self.served.daemon)
        meta = self.served.meta_rm.digest if self.served.meta_rm else ""
        return (self.served.grm.digest, meta, self.served.template_digest, self.served.daemon)

    def send(self, message, place):
        """The verdict; a full daemon is asked again for a while, one that is not there ends it."""
        end = time.monotonic() + OVERLOAD_SECONDS
        while True:
            try:
                return self.clients[place % self.at_once].send(message)
            except Overloaded as error:
                if time.monotonic() > end:
                    raise EvaluationFailure(f"grmd is full for {OVERLOAD_SECONDS} s: {error}"
                                            ) from error
                time.sleep(min(5, error.retry_after or 1))
            except (InvalidRequest, JudgeFailed, DeadlineExceeded, VersionMismatch):
                raise
            except GrmdError as error:
                raise EvaluationFailure(f"no answer from {self.clients[0].address}: {error}; is "
                                        "grmd running? a rerun goes on from here") from error

    def record(self, item, setting, is_swapped=False, place=0):
        """What the judge says of an item, now or in an earlier run."""
        message = message_of(setting, item, is_swapped)
        key = key_of(message, *self.key)
        message.expected_grm = self.served.grm.digest
        if self.served.meta_rm:
            message.expected_meta_rm = self.served.meta_rm.digest
        return self.records.get(key, lambda: self.ask(item, message, place))

    def ask(self, item, message, place):
        named = {"id": item.id, "source": item.source, "subset": item.subset}
        begin = time.monotonic()
        try:
            verdict = self.send(message, place)
        except VersionMismatch as error:
            raise EvaluationFailure("another judge was activated on the way; a rerun measures it: "
                                    f"{error}") from error
        except GrmdError as error:  # typed, and an answer to this request
            return {**named, "error": str(error.code or error.status.name), "message": str(error)}
        return {**named, **record_of(verdict, time.monotonic() - begin)}

    def judged(self, name, items, setting, allows=lambda: True):
        """(item, record) of the items, in order, as long as there is time, with progress."""
        return self._all(name, [(item, False) for item in items], setting, allows)

    def swapped(self, name, items, setting, allows=lambda: True):
        """The same with the responses the other way round."""
        return self._all(name, [(item, True) for item in items], setting, allows)

    def _all(self, name, work, setting, allows):
        progress, done = Progress(name, len(work)), []
        with ThreadPoolExecutor(self.at_once) as pool:
            for start in range(0, len(work), self.at_once):
                if start > 0 and not allows():
                    break
                chunk = list(enumerate(work[start:start + self.at_once]))
                done += pool.map(lambda each: (each[1][0], self.record(
                    each[1][0], setting, each[1][1], each[0])), chunk)
                progress.at(len(done))
        return done


def record_of(verdict, seconds):
    """What of a verdict is kept, as JSON: judgment by judgment, so that fewer can be counted."""
    judgments = verdict.judgments
    written = [judgment.parts or (judgment,) for judgment in judgments]
    return {
        "scores": [list(each.scores) if each.outcome == "scored" else None for each in judgments],
        "meta": [each.meta_score for each in judgments],
        "counted": [each.counted for each in judgments],
        "first": [each.order[0] if each.order else None for each in judgments],
        "tokens": [each.generated_tokens for each in judgments],
        # Of the texts of each judgment, one a prompt: all, not parsed, cut short, either.
        "texts": [[len(parts), sum(part.outcome == "unparsable" for part in parts),
                   sum(part.truncated for part in parts),
                   sum(part.truncated or part.outcome == "unparsable" for part in parts)]
                  for parts in written],
        "k": verdict.k_drawn, "reason": str(verdict.stop_reason),
        "prompt": verdict.usage.prompt_tokens, "seconds": round(seconds, 4),
        "sources": sorted({str(each.principle_source) for each in judgments}),
        "mode": str(verdict.mode), "readout": str(verdict.readout),
        "flags": [[str(flag) for flag in score.flags] for score in verdict.scores],
    }
