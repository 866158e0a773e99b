"""What a worker and the process of a slot say to each other: pickles, each after its size."""

from __future__ import annotations

import asyncio
import pickle
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

from jobgen_runtime.contract import JobContext, JobRow, Outcome
from jobgen_runtime.job import Job

_SIZE = struct.Struct("!Q")


@dataclass(frozen=True, slots=True)
class Start:
    """The first message to the process. `set_up` is called first, with nothing."""

    set_up: Callable[[], object]
    job: type[Job[Any]]
    log_level: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """A job to run."""

    record: JobRow
    context: JobContext


@dataclass(frozen=True, slots=True)
class Ready:
    """The answer to Start: None, or why it cannot run jobs."""

    error: str | None


@dataclass(frozen=True, slots=True)
class Ended:
    """The answer to Attempt. Log records may come before it."""

    outcome: Outcome
    committed: bool


def pack(message: object) -> bytes:
    """The message as it is sent. Raises what pickle raises."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return _SIZE.pack(len(body)) + body


def unpack(body: bytes) -> object:
    """A message that was read; both ends are this program."""
    message: object = pickle.loads(body)  # noqa: S301 -- from this program's own other end
    return message


async def receive(reader: asyncio.StreamReader) -> object:
    """The next message. Raises IncompleteReadError at the end."""
    [size] = _SIZE.unpack(await reader.readexactly(_SIZE.size))
    return unpack(await reader.readexactly(size))


def receive_body(file: BinaryIO) -> bytes | None:
    """The next message, still packed; None at the end."""
    head = file.read(_SIZE.size)
    if len(head) < _SIZE.size:
        return None
    [size] = _SIZE.unpack(head)
    body = file.read(size)
    return body if len(body) == size else None
