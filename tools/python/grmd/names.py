"""The names of the protocol's choices, as text: `Mode.ISOLATED` is "isolated"."""

from __future__ import annotations

from enum import Enum
from typing import TypeVar

from grmd._generated.grm.v1 import scoring_pb2 as wire


class Name(str, Enum):
    """A choice of the protocol. A newer daemon may send one that this client does not know."""

    def __str__(self) -> str:
        return self.value


class Role(Name):
    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class Mode(Name):
    """The ways of judging."""

    UNKNOWN = "unknown"
    LIST = "list"
    ISOLATED = "isolated"
    PAIRWISE = "pairwise"
    TOKEN_PROBABILITY = "token_probability"
    LIKELIHOOD = "likelihood"
    SCALAR = "scalar"
    SEMI_SCALAR = "semi_scalar"


class Readout(Name):
    UNKNOWN = "unknown"
    SAMPLED = "sampled"
    EXPECTED = "expected"


class Stopping(Name):
    FIXED = "fixed"
    EXACT = "exact"
    GUARANTEED = "guaranteed"
    PREDICTED = "predicted"


class PrincipleReuse(Name):
    OFF = "off"
    READ = "read"
    READ_WRITE = "read_write"
    FIXED = "fixed"


class PrincipleWriting(Name):
    CONVERSATION = "conversation"
    RESPONSES = "responses"


class HostileInputs(Name):
    FLAG = "flag"
    FLOOR = "floor"
    REJECT = "reject"


class Part(Name):
    """What a reply carries of each judgment beside its scores."""

    PRINCIPLES = "principles"
    CRITIQUE = "critique"
    TEXT = "text"
    TOKENS = "tokens"


class Flag(Name):
    """What stands out in a response."""

    UNKNOWN = "unknown"
    EMPTY = "empty"
    DUPLICATE = "duplicate"
    DEGENERATE = "degenerate"
    SUSPICIOUS = "suspicious"


class Outcome(Name):
    """What came of a judgment."""

    UNKNOWN = "unknown"
    SCORED = "scored"
    UNPARSABLE = "unparsable"
    BAD_LOGITS = "bad_logits"
    CANCELLED = "cancelled"
    CONTEXT_EXHAUSTED = "context_exhausted"


class StopReason(Name):
    UNKNOWN = "unknown"
    K_MAX = "k_max"
    EXACT = "exact"
    GUARANTEED = "guaranteed"
    PREDICTED = "predicted"
    WIDTH = "width"
    LOAD = "load"
    DEADLINE = "deadline"


class WarningCode(Name):
    UNKNOWN = "unknown"
    K_META_ONE = "k_meta_one"
    JUDGMENTS_LOST = "judgments_lost"
    JUDGMENTS_TRUNCATED = "judgments_truncated"
    ORDER_UNBALANCED = "order_unbalanced"
    PRINCIPLE_CACHE_OFF = "principle_cache_off"
    STOPPING_EXACT_ONLY = "stopping_exact_only"


class PrincipleSource(Name):
    UNKNOWN = "unknown"
    GENERATED = "generated"
    CACHED = "cached"
    CALLER = "caller"


class ErrorCode(Name):
    """What is wrong with a call."""

    UNKNOWN = "unknown"
    CONVERSATION_EMPTY = "conversation_empty"
    RESPONSE_COUNT = "response_count"
    TEXT_TOO_LONG = "text_too_long"
    SAMPLE_COUNT = "sample_count"
    TEMPERATURE = "temperature"
    TOP_P = "top_p"
    ROLE = "role"
    PRINCIPLES = "principles"
    MODE = "mode"
    CONTEXT_OVERFLOW = "context_overflow"
    VERSION_MISMATCH = "version_mismatch"
    NOT_SUPPORTED = "not_supported"
    QUEUE_FULL = "queue_full"
    DRAINING = "draining"
    DEADLINE = "deadline"
    CANCELLED = "cancelled"
    BAD_LOGITS = "bad_logits"
    NO_JUDGMENT = "no_judgment"
    NO_DEPLOYMENT = "no_deployment"
    VERSION_UNKNOWN = "version_unknown"
    VERSION_UNUSABLE = "version_unusable"
    STORE = "store"
    HOSTILE_INPUT = "hostile_input"
    TOKEN_BUDGET = "token_budget"
    INTERNAL = "internal"
    STOPPING = "stopping"
    CONFIGURATION = "configuration"
    STOPPING_RULE = "stopping_rule"


# The protocol's own types; the name of a member there begins with that of its type.
WIRE = {
    Role: wire.Role, Mode: wire.JudgingMode, Readout: wire.ScoreReadout,
    Stopping: wire.StoppingRule, PrincipleReuse: wire.PrincipleReuse,
    PrincipleWriting: wire.PrincipleWriting, HostileInputs: wire.HostileInputPolicy,
    Part: wire.ReplyPart, Flag: wire.ResponseFlag, Outcome: wire.JudgmentOutcome,
    StopReason: wire.StopReason, WarningCode: wire.WarningCode,
    PrincipleSource: wire.PrincipleSource, ErrorCode: wire.ErrorCode,
}

Kind = TypeVar("Kind", bound=Name)


def _prefix(kind: type[Name]) -> str:
    return WIRE[kind].Name(0).removesuffix("UNSPECIFIED")


def to_wire(kind: type[Name], value: str) -> int:
    """The protocol's number of a choice, given as a member or as its text."""
    try:
        return WIRE[kind].Value(_prefix(kind) + kind(value).name)
    except ValueError:
        known = ", ".join(each.value for each in kind if each.value != "unknown")
        raise ValueError(f"{kind.__name__}: expected one of {known}; found {value!r}") from None


def from_wire(kind: type[Kind], number: int) -> Kind:
    """The choice that a number of the protocol stands for."""
    name = WIRE[kind].Name(number) if number in WIRE[kind].values() else ""
    return kind[name.removeprefix(_prefix(kind))] if name and number else kind("unknown")
