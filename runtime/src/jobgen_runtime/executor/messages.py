"""The messages between a worker and its child processes: pickles, each preceded by its size."""

from __future__ import annotations

import asyncio
import pickle
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

from jobgen_runtime.contract.context import JobContext, StopReason
from jobgen_runtime.contract.outcomes import Outcome
from jobgen_runtime.contract.states import JobRow
from jobgen_runtime.job import Job

_SIZE = struct.Struct("!Q")

LOG_STACK = "log the stack"
"""A request to log the stack of the attempt that runs. There is no answer."""


@dataclass(frozen=True, slots=True)
class Start:
    """The first message to the child: what it runs, and how it logs.

    Attributes:
        set_up: Called before the job class is instantiated.
        hooks_module: The main module, which has the hooks of the project; None if it has none.
    """

    set_up: Callable[[], object]
    job: type[Job[Any]]
    log_level: int
    hooks_module: str | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request to run one attempt.

    Attributes:
        number: Which attempt of the child this is; its answer has the same number.
    """

    number: int
    record: JobRow
    context: JobContext


@dataclass(frozen=True, slots=True)
class Ready:
    """The answer to `Start`.

    Attributes:
        error: Why the child cannot run the job; None if it can.
    """

    error: str | None


@dataclass(frozen=True, slots=True)
class Ended:
    """The answer to `Attempt`. Log records of the attempt precede it.

    Attributes:
        number: The number of the attempt that has ended; None if the request cannot be read.
        committed: Whether the job's own transaction has committed its success.
    """

    number: int | None
    outcome: Outcome
    committed: bool


def pack(message: object) -> bytes:
    """Return the message as it is sent.

    Raises:
        pickle.PicklingError, TypeError, AttributeError: The message cannot be pickled.
    """
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return _SIZE.pack(len(body)) + body


def is_stack_request(body: bytes) -> bool:
    """Return whether the message of a body is LOG_STACK, without unpacking it."""
    return body == _STACK_REQUEST


def requested_stop(body: bytes) -> StopReason | None:
    """Return why the worker stops the attempt that runs; None if the message is another one.

    SIGTERM follows it. There is no answer.
    """
    return _STOP_REQUESTS.get(body)


def unpack(body: bytes) -> object:
    """Return the message of a body that was received."""
    message: object = pickle.loads(body)  # noqa: S301 -- sent by this program's own other end
    return message


async def receive(reader: asyncio.StreamReader) -> object:
    """Return the next message.

    Raises:
        asyncio.IncompleteReadError: The other end closed the connection.
    """
    [size] = _SIZE.unpack(await reader.readexactly(_SIZE.size))
    return unpack(await reader.readexactly(size))


def receive_body(file: BinaryIO) -> bytes | None:
    """Return the next message, still packed; None at the end of the connection."""
    head = file.read(_SIZE.size)
    if len(head) < _SIZE.size:
        return None
    [size] = _SIZE.unpack(head)
    body = file.read(size)
    return body if len(body) == size else None


_STACK_REQUEST = pack(LOG_STACK)[_SIZE.size :]
_STOP_REQUESTS = {pack(reason)[_SIZE.size :]: reason for reason in StopReason}
