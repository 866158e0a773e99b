"""Turn the errors of a command into messages and exit codes."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

from jobgen_runtime.contract.errors import JobgenRuntimeError, ModuleFailed, UnknownName

_OWN_FOLDER = str(Path(__file__).parent.parent)


log = logging.getLogger("jobgen.worker")


def run_command(command: Callable[[], int], name: str, *, log_errors: bool = False) -> int:
    """Run a command and report its errors.

    Args:
        command: The command.
        name: Its name, which its messages begin with.
        log_errors: Whether to log errors instead of printing them, for readers of JSON logs.

    Returns:
        The exit code: the command's own; 2 with a message for a wrong name; 1 with a message for
        other expected errors; 1 with a traceback of the user's frames for unexpected ones; 130
        after Ctrl-C.
    """
    try:
        return command()
    except ModuleFailed as error:
        _report_module(error, name, log_errors=log_errors)
        return 1
    except JobgenRuntimeError as error:
        code = 2 if isinstance(error, UnknownName) else 1
        if log_errors:
            log.critical("%s", error)
            return code
        print(f"{name}: {error.message}", file=sys.stderr)  # noqa: T201 -- the command's output
        if error.hint:
            print(error.hint, file=sys.stderr)  # noqa: T201 -- the command's output
        return code
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        exc_info = (type(error), error, _users_traceback(error))
        if log_errors:
            log.critical("%s", error, exc_info=exc_info)
        else:
            sys.stderr.writelines(traceback.format_exception(*exc_info))
        return 1


def _report_module(error: ModuleFailed, name: str, *, log_errors: bool) -> None:
    """Report the place and the message, then the traceback."""
    cause = error.__cause__ or error
    if log_errors:
        log.critical("%s", error, exc_info=cause)
    else:
        print(f"{name}: {error.message}", file=sys.stderr)  # noqa: T201 -- the command's output
        sys.stderr.writelines(traceback.format_exception(cause))
        if error.hint:
            print(error.hint, file=sys.stderr)  # noqa: T201 -- the command's output


def _users_traceback(error: Exception) -> TracebackType | None:
    """Return the traceback with the frames of the user's code alone; all of it if it has none."""
    kept: TracebackType | None = None
    for frame in reversed(list(_frames(error.__traceback__))):
        if not _is_foreign(frame):
            kept = TracebackType(kept, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
    return kept or error.__traceback__


def _frames(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _is_foreign(trace: TracebackType) -> bool:
    """Return whether a frame is of the runtime, or of what comes between it and the user's code."""
    file = trace.tb_frame.f_code.co_filename
    return file.startswith((_OWN_FOLDER, "<frozen importlib")) or any(
        f"/{package}/" in file for package in ("asyncio", "psycopg", "psycopg_pool")
    )
