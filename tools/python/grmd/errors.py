"""How a call fails: never with a number that could be taken for a score."""

from __future__ import annotations

from collections.abc import Iterable

import grpc
from google.protobuf.message import DecodeError

from grmd._generated.grm.v1 import scoring_pb2 as wire
from grmd.names import ErrorCode, from_wire

DETAIL = "grm-error-bin"


class GrmdError(Exception):
    """A call that has no verdict, and why."""

    def __init__(self, message: str, status: grpc.StatusCode,
                 detail: wire.ErrorDetail | None = None):
        super().__init__(message)
        self.status = status
        # None where the daemon said nothing, such as where it cannot be reached.
        self.code = from_wire(ErrorCode, detail.code) if detail else None
        self.subject = detail.subject if detail else ""
        self.expected = detail.expected if detail else ""
        self.found = detail.found if detail else ""
        self.advice = detail.advice if detail else ""
        has_time = detail is not None and detail.HasField("retry_after_seconds")
        self.retry_after: float | None = detail.retry_after_seconds if has_time else None


class InvalidRequest(GrmdError):
    """The request cannot be judged as it is."""


class NotSupported(InvalidRequest):
    """The daemon or its deployment cannot do what the request asks for."""


class Overloaded(GrmdError):
    """The daemon is full; `retry_after` says when to call again."""


class Unavailable(GrmdError):
    """No daemon, or one that is stopping."""


class DeadlineExceeded(GrmdError):
    """The time was over before there was a single judgment."""


class Cancelled(GrmdError):
    """The call was cancelled."""


class VersionMismatch(GrmdError):
    """No version serves, or another one than the request expects."""


class JudgeFailed(GrmdError):
    """The judge wrote nothing that counts, or the daemon has a fault."""


_STATUS = grpc.StatusCode
_KINDS = {
    _STATUS.INVALID_ARGUMENT: InvalidRequest, _STATUS.OUT_OF_RANGE: InvalidRequest,
    _STATUS.UNIMPLEMENTED: NotSupported, _STATUS.RESOURCE_EXHAUSTED: Overloaded,
    _STATUS.UNAVAILABLE: Unavailable, _STATUS.DEADLINE_EXCEEDED: DeadlineExceeded,
    _STATUS.CANCELLED: Cancelled, _STATUS.FAILED_PRECONDITION: VersionMismatch,
    _STATUS.NOT_FOUND: VersionMismatch,
}


def error_of(failure: grpc.RpcError) -> GrmdError:
    """The typed error of a failed call."""
    status = failure.code()
    message = failure.details() or status.name
    detail = _detail(failure.trailing_metadata() or ())
    return _KINDS.get(status, JudgeFailed)(message, status, detail)


def is_unreached(failure: grpc.RpcError) -> bool:
    """Whether no daemon took the call: then it may be made again."""
    return (failure.code() == grpc.StatusCode.UNAVAILABLE
            and _detail(failure.trailing_metadata() or ()) is None)


def _detail(metadata: Iterable[tuple[str, str | bytes]]) -> wire.ErrorDetail | None:
    for name, value in metadata:
        if name == DETAIL and isinstance(value, bytes):
            try:
                return wire.ErrorDetail.FromString(value)
            except DecodeError:  # the status and its message stand alone
                return None
    return None
