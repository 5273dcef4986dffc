"""Clients of a running grmd, for threads and for asyncio."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import TYPE_CHECKING, Union

import grpc

from grmd._generated.grm.v1 import scoring_pb2 as wire, scoring_pb2_grpc
from grmd.errors import error_of, is_unreached
from grmd.request import Conversation, Options, Response, request
from grmd.verdict import Judgment, Verdict

if TYPE_CHECKING:
    from typing_extensions import Unpack

DEFAULT_SOCKET = "/run/grmd/score.sock"
RETRY_SECONDS = 0.1
CHANNEL = [
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.max_receive_message_length", 64 << 20),
    # Each client has a connection of its own: on one, calls would wait for one another.
    ("grpc.use_local_subchannel_pool", 1),
]

Event = Union[Judgment, Verdict]


def address_of(address: str | None = None) -> str:
    """The address to call: the one given, that of GRMD_SOCKET, or the one of a system's grmd."""
    found = address or os.environ.get("GRMD_SOCKET") or DEFAULT_SOCKET
    is_path = "://" not in found and not found.startswith(("unix:", "dns:", "ipv4:", "ipv6:"))
    return "unix://" + os.path.abspath(found) if is_path else found


class Deadline:
    """When a call ends, and until when a daemon that is not there is looked for."""

    def __init__(self, timeout: float | None, patience: float):
        now = time.monotonic()
        self._end = None if timeout is None else now + timeout
        self._patience = now + patience

    @property
    def seconds(self) -> float | None:
        """What is left of the timeout."""
        return None if self._end is None else max(0.0, self._end - time.monotonic())

    def allows_another(self, failure: grpc.RpcError) -> bool:
        """Whether to call again: scoring changes nothing, so that a call may be made twice."""
        next_time = time.monotonic() + RETRY_SECONDS
        return (is_unreached(failure) and next_time < self._patience
                and (self._end is None or next_time < self._end))


class Client:
    """Asks a grmd for scores. Calls may come from several threads.

    `address`: a path, or an address of gRPC; unset, that of GRMD_SOCKET, else /run/grmd/score.sock.
    `patience`: for so many seconds a call looks for a daemon that is not there (yet, or again).
    """

    def __init__(self, address: str | None = None, *, patience: float = 5):
        self.address = address_of(address)
        self.patience = patience
        self._channel = grpc.insecure_channel(self.address, options=CHANNEL)
        self._stub = scoring_pb2_grpc.ScoringStub(self._channel)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the calls in flight too."""
        self._channel.close()

    def score(self, conversation: Conversation, responses: Iterable[str | Response], *,
              timeout: float | None = None, **options: Unpack[Options]) -> Verdict:
        """Has the responses judged; raises a `GrmdError` where there is no verdict."""
        return self.send(request(conversation, responses, **options), timeout)

    def score_stream(self, conversation: Conversation, responses: Iterable[str | Response], *,
                     timeout: float | None = None,
                     **options: Unpack[Options]) -> Iterator[Event]:
        """Each judgment as it finishes, then the verdict. Closing the iterator ends the call."""
        message = request(conversation, responses, **options)
        deadline, is_begun = Deadline(timeout, self.patience), False
        while True:
            call = self._stub.ScoreStream(message, timeout=deadline.seconds)
            try:
                for event in call:
                    is_begun = True
                    yield _event(event)
                return
            except grpc.RpcError as failure:
                if is_begun or not deadline.allows_another(failure):
                    raise error_of(failure) from failure
            finally:
                call.cancel()
            time.sleep(RETRY_SECONDS)

    def send(self, message: wire.ScoreRequest, timeout: float | None = None) -> Verdict:
        """The verdict on a message that is made already."""
        deadline = Deadline(timeout, self.patience)
        while True:
            try:
                return Verdict.of(self._stub.Score(message, timeout=deadline.seconds))
            except grpc.RpcError as failure:
                if not deadline.allows_another(failure):
                    raise error_of(failure) from failure
            time.sleep(RETRY_SECONDS)


class AsyncClient:
    """The same for asyncio; made inside a running loop."""

    def __init__(self, address: str | None = None, *, patience: float = 5):
        self.address = address_of(address)
        self.patience = patience
        self._channel = grpc.aio.insecure_channel(self.address, options=CHANNEL)
        self._stub = scoring_pb2_grpc.ScoringStub(self._channel)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends the calls in flight too."""
        await self._channel.close()

    async def score(self, conversation: Conversation, responses: Iterable[str | Response], *,
                    timeout: float | None = None, **options: Unpack[Options]) -> Verdict:
        """Has the responses judged; raises a `GrmdError` where there is no verdict."""
        return await self.send(request(conversation, responses, **options), timeout)

    async def score_stream(self, conversation: Conversation, responses: Iterable[str | Response],
                           *, timeout: float | None = None,
                           **options: Unpack[Options]) -> AsyncIterator[Event]:
        """Each judgment as it finishes, then the verdict. Closing the iterator ends the call."""
        message = request(conversation, responses, **options)
        deadline, is_begun = Deadline(timeout, self.patience), False
        while True:
            call = self._stub.ScoreStream(message, timeout=deadline.seconds)
            try:
                async for event in call:
                    is_begun = True
                    yield _event(event)
                return
            except grpc.RpcError as failure:
                if is_begun or not deadline.allows_another(failure):
                    raise error_of(failure) from failure
            finally:
                call.cancel()
            await asyncio.sleep(RETRY_SECONDS)

    async def send(self, message: wire.ScoreRequest, timeout: float | None = None) -> Verdict:
        """The verdict on a message that is made already."""
        deadline = Deadline(timeout, self.patience)
        while True:
            try:
                return Verdict.of(await self._stub.Score(message, timeout=deadline.seconds))
            except grpc.RpcError as failure:
                if not deadline.allows_another(failure):
                    raise error_of(failure) from failure
            await asyncio.sleep(RETRY_SECONDS)


def _event(message: wire.ScoreEvent) -> Event:
    if message.WhichOneof("event") == "verdict":
        return Verdict.of(message.verdict)
    return Judgment.of(message.judgment)
