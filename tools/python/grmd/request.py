"""Requests: what a caller says, as a message of the protocol."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict, Union

from grmd._generated.grm.v1 import scoring_pb2 as wire
from grmd.names import (HostileInputs, Mode, Part, PrincipleReuse, PrincipleWriting, Readout, Role,
                        Stopping, to_wire)

if TYPE_CHECKING:
    from typing_extensions import Unpack


@dataclass(frozen=True)
class Message:
    """One turn of a conversation."""

    role: str
    content: str


@dataclass(frozen=True)
class Response:
    """A response that has a name of the caller's."""

    content: str
    id: str = ""


@dataclass(frozen=True)
class Principle:
    """A criterion; without a weight all weigh the same."""

    text: str
    weight: float | None = None


# One question, or turns: `Message`, or a mapping with "role" and "content".
Conversation = Union[str, Sequence[Union[Message, Mapping[str, str]]]]


class Options(TypedDict, total=False):
    """What a request may say beside its texts; what is left out is the deployment's default."""

    mode: str
    readout: str
    k: int  # at most this many judgments
    k_min: int
    k_meta: int
    meta_threshold: float
    stopping: str
    stop_risk: float
    score_width: float
    temperature: float
    top_p: float
    seed: int
    max_judgment_tokens: int  # 0: no critique
    reference: str
    principles: Iterable[str | Principle]
    principle_reuse: str
    principle_writing: str
    hostile_inputs: str
    reply_parts: Iterable[str]
    group_id: str
    request_id: str
    expected_grm: str
    expected_meta_rm: str


_PLAIN = {"k": "k_max"} | {name: name for name in (
    "k_min", "k_meta", "meta_threshold", "stop_risk", "score_width", "temperature", "top_p", "seed",
    "max_judgment_tokens", "reference", "group_id", "request_id", "expected_grm",
    "expected_meta_rm")}
_CHOICES = {"mode": Mode, "readout": Readout, "stopping": Stopping,
            "principle_reuse": PrincipleReuse, "principle_writing": PrincipleWriting,
            "hostile_inputs": HostileInputs}


def request(conversation: Conversation, responses: Iterable[str | Response],
            **options: Unpack[Options]) -> wire.ScoreRequest:
    """The message of a request. An option that is None counts as left out."""
    if isinstance(responses, str):
        raise TypeError("responses: expected a sequence of texts; found one text")
    message = wire.ScoreRequest(conversation=_turns(conversation),
                                responses=[_response(each) for each in responses])
    for name, value in options.items():
        if value is None:
            continue
        if name in _PLAIN:
            setattr(message, _PLAIN[name], value)
        elif name in _CHOICES:
            setattr(message, name, to_wire(_CHOICES[name], value))
        elif name == "reply_parts":
            message.reply_parts.extend(to_wire(Part, part) for part in value)
        elif name == "principles":
            message.principles.extend(_principle(each) for each in value)
        else:
            known = ", ".join(sorted(Options.__annotations__))
            raise TypeError(f"expected options among {known}; found {name!r}")
    return message


def _turns(conversation: Conversation) -> list[wire.Message]:
    if isinstance(conversation, str):
        conversation = [Message("user", conversation)]
    turns = [each if isinstance(each, Message) else Message(each["role"], each["content"])
             for each in conversation]
    return [wire.Message(role=to_wire(Role, turn.role), content=turn.content) for turn in turns]


def _response(each: str | Response) -> wire.Response:
    given = Response(each) if isinstance(each, str) else each
    return wire.Response(content=given.content, id=given.id)


def _principle(each: str | Principle) -> wire.Principle:
    given = Principle(each) if isinstance(each, str) else each
    return wire.Principle(text=given.text, weight=given.weight)
