"""What a person sees when a command fails."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

from jobgen_runtime.contract.errors import JobgenRuntimeError, UnknownName

_OWN_FOLDER = str(Path(__file__).parent.parent)


log = logging.getLogger("jobgen.worker")


def guarded(command: Callable[[], int], name: str, *, logged: bool = False) -> int:
    """The command's exit code: 1 with a message for expected faults (2 for a wrong name) and with
    the user's traceback for others, 130 after Ctrl-C.

    `logged`: as a log line, for who reads nothing else.
    """
    try:
        return command()
    except JobgenRuntimeError as error:
        code = 2 if isinstance(error, UnknownName) else 1
        if logged:
            log.critical("%s", error)
            return code
        print(f"{name}: {error.message}", file=sys.stderr)  # noqa: T201 -- the command's output
        if error.hint:
            print(error.hint, file=sys.stderr)  # noqa: T201 -- the command's output
        return code
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if logged:
            log.critical("%s", error, exc_info=_users(error))
        else:
            sys.stderr.writelines(traceback.format_exception(*_users(error)))
        return 1


def _users(error: Exception) -> tuple[type[Exception], Exception, TracebackType | None]:
    """It, with its traceback from the user's code on."""
    frames = list(_frames(error.__traceback__))
    users = next((t for t in frames if not _is_own(t)), error.__traceback__)
    return type(error), error, users


def _frames(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _is_own(trace: TracebackType) -> bool:
    file = trace.tb_frame.f_code.co_filename
    # Between the command and the user's module stand the import system and asyncio.
    return file.startswith((_OWN_FOLDER, "<frozen importlib")) or "/asyncio/" in file
