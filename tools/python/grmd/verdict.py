"""What a daemon says of responses, as values. What it leaves unset is None, never 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from grmd._generated.grm.v1 import scoring_pb2 as wire
from grmd.names import (Flag, Mode, Outcome, PrincipleSource, Readout, StopReason, WarningCode,
                        from_wire)
from grmd.request import Principle


@dataclass(frozen=True)
class Score:
    """The vote on one response; 1 is the best rank, and equal scores share it."""

    index: int
    id: str
    total: float | None
    mean: float
    spread: float | None
    rank: int
    flags: tuple[Flag, ...]
    floored: bool


@dataclass(frozen=True)
class JudgmentPart:
    """One prompt of a judgment: `order` has the responses shown, `scores` one for each of them."""

    order: tuple[int, ...]
    principles: tuple[Principle, ...]
    critique: str
    scores: tuple[float, ...]
    outcome: Outcome
    truncated: bool
    text: str
    tokens: tuple[int, ...]
    generated_tokens: int


@dataclass(frozen=True)
class Judgment:
    """One judgment; `scores` are in the order of the request, and empty unless it is scored."""

    index: int
    order: tuple[int, ...]
    principles: tuple[Principle, ...]
    critique: str
    scores: tuple[float, ...]
    meta_score: float | None
    outcome: Outcome
    counted: bool
    truncated: bool
    text: str
    tokens: tuple[int, ...]
    generated_tokens: int
    seconds: float
    principle_source: PrincipleSource
    principle_set_id: str
    parts: tuple[JudgmentPart, ...]

    @classmethod
    def of(cls, message: wire.Judgment) -> Judgment:
        return cls(
            index=message.index, **_generated(message), meta_score=_optional(message, "meta_score"),
            counted=message.counted, seconds=message.seconds,
            principle_source=from_wire(PrincipleSource, message.principle_source),
            principle_set_id=message.principle_set_id,
            parts=tuple(JudgmentPart(**_generated(part)) for part in message.parts))


@dataclass(frozen=True)
class Version:
    name: str
    digest: str


@dataclass(frozen=True)
class Versions:
    """What judged."""

    deployment: int
    grm: Version
    meta_rm: Version | None
    template_digest: str
    daemon: str


@dataclass(frozen=True)
class Timings:
    queue_seconds: float
    prefill_seconds: float
    decode_seconds: float
    meta_seconds: float
    total_seconds: float


@dataclass(frozen=True)
class Usage:
    prompt_tokens: int
    prompt_tokens_computed: int
    generated_tokens: int
    meta_tokens: int


@dataclass(frozen=True)
class VerdictWarning:
    code: WarningCode
    detail: str


@dataclass(frozen=True)
class PrincipleSet:
    id: str
    principles: tuple[Principle, ...]


@dataclass(frozen=True)
class Verdict:
    """The vote on all responses, and how it came about."""

    scores: tuple[Score, ...]
    judgments: tuple[Judgment, ...]
    k_counted: int
    k_drawn: int
    stop_reason: StopReason
    stop_bound: float | None
    k_limit: int | None
    k_meta: int | None
    meta_threshold: float | None
    mode: Mode
    readout: Readout
    seed: int
    versions: Versions
    timings: Timings
    usage: Usage
    warnings: tuple[VerdictWarning, ...]
    principle_source: PrincipleSource
    principle_sets: tuple[PrincipleSet, ...]
    group_id: str
    request_id: str

    @property
    def means(self) -> tuple[float, ...]:
        """The mean score of each response, in the order of the request."""
        return tuple(score.mean for score in self.scores)

    @property
    def ranks(self) -> tuple[int, ...]:
        return tuple(score.rank for score in self.scores)

    @property
    def best(self) -> tuple[int, ...]:
        """The responses that share the first place."""
        return tuple(score.index for score in self.scores if score.rank == 1)

    @classmethod
    def of(cls, message: wire.ScoreReply) -> Verdict:
        return cls(
            scores=tuple(_score(each) for each in message.scores),
            judgments=tuple(Judgment.of(each) for each in message.judgments),
            k_counted=message.k_counted, k_drawn=message.k_drawn,
            stop_reason=from_wire(StopReason, message.stop_reason),
            stop_bound=_optional(message, "stop_bound"), k_limit=_optional(message, "k_limit"),
            k_meta=_optional(message, "k_meta"),
            meta_threshold=_optional(message, "meta_threshold"),
            mode=from_wire(Mode, message.mode), readout=from_wire(Readout, message.readout),
            seed=message.seed, versions=_versions(message.versions),
            timings=Timings(**_fields(message.timings)), usage=Usage(**_fields(message.usage)),
            warnings=tuple(VerdictWarning(from_wire(WarningCode, each.code), each.detail)
                           for each in message.warnings),
            principle_source=from_wire(PrincipleSource, message.principle_source),
            principle_sets=tuple(PrincipleSet(each.id, _principles(each))
                                 for each in message.principle_sets),
            group_id=message.group_id, request_id=message.request_id)


def _generated(message: wire.Judgment | wire.JudgmentPart) -> dict[str, Any]:
    return {
        "order": tuple(message.order), "principles": _principles(message),
        "critique": message.critique, "scores": tuple(message.scores),
        "outcome": from_wire(Outcome, message.outcome), "truncated": message.truncated,
        "text": message.text, "tokens": tuple(message.tokens),
        "generated_tokens": message.generated_tokens,
    }


def _score(message: wire.ResponseScore) -> Score:
    return Score(
        index=message.index, id=message.id, total=_optional(message, "total"), mean=message.mean,
        spread=_optional(message, "spread"), rank=message.rank,
        flags=tuple(from_wire(Flag, flag) for flag in message.flags), floored=message.floored)


def _versions(message: wire.ServedVersions) -> Versions:
    meta_rm = message.meta_rm if message.HasField("meta_rm") else None
    return Versions(
        deployment=message.deployment, grm=Version(message.grm.name, message.grm.digest),
        meta_rm=meta_rm and Version(meta_rm.name, meta_rm.digest),
        template_digest=message.template_digest, daemon=message.daemon)


def _principles(message: Any) -> tuple[Principle, ...]:
    return tuple(Principle(each.text, _optional(each, "weight")) for each in message.principles)


def _optional(message: Any, name: str) -> Any:
    return getattr(message, name) if message.HasField(name) else None


def _fields(message: Any) -> dict[str, Any]:
    return {field.name: getattr(message, field.name) for field in message.DESCRIPTOR.fields}
