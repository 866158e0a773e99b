"""Name the file and the line of a project that keep a module from being imported."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from types import TracebackType

from jobgen_runtime.contract.errors import JobgenRuntimeError, ModuleFailed
from jobgen_runtime.project.config import read_config

_OWN_FOLDER = f"{Path(__file__).parent.parent}/"


def import_failure(error: BaseException, root: Path) -> JobgenRuntimeError:
    """Return the error to raise in place of the one that importing a module has raised.

    Args:
        error: The error. It loses the frames of the import system and of this package.
        root: The root of the project.

    Returns:
        The same error, with its place, if it is one of the runtime's own, such as InvalidJob.
    """
    error.__traceback__ = _users_frames(error.__traceback__)
    place = _place(error, root)
    if isinstance(error, JobgenRuntimeError):
        error.message = f"{place}{error.message}"
        error.args = (error.message if error.hint is None else f"{error.message}\n{error.hint}",)
        return error
    hint = "Run `jobgen types` if the table is in Schema.sql." if _lacks_type(error, root) else None
    return ModuleFailed(f"{place}{_summary(error)}", hint=hint)


def _lacks_type(error: BaseException, root: Path) -> bool:
    """Return whether a name is missing in Generated/Types.py, or the file itself."""
    if not isinstance(error, ImportError):
        return False
    pattern = PurePosixPath(read_config(root).paths.types).with_suffix("")
    end = ".".join(pattern.parts[-2:])
    return f".{error.name or ''}".endswith(f".{end}")


def _place(error: BaseException, root: Path) -> str:
    """Return "Web/Job/Greet.py, line 5: "; empty if the place is unknown."""
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).is_file():
        return f"{_shown(error.filename, root)}, line {error.lineno}: "
    frames = [(each.filename, each.lineno) for each in traceback.extract_tb(error.__traceback__)]
    own = [each for each in frames if _is_in_project(each[0], root)]
    for file, line in (own or frames)[-1:]:
        return f"{_shown(file, root)}, line {line}: "
    return ""


def _summary(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg}"
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _is_in_project(file: str, root: Path) -> bool:
    path = Path(file)
    return path.is_relative_to(root) and "site-packages" not in path.parts


def _shown(file: str, root: Path) -> Path:
    path = Path(file)
    return path.relative_to(root) if path.is_relative_to(root) else path


def _users_frames(trace: TracebackType | None) -> TracebackType | None:
    """Return the traceback without the frames of the import system and of this package."""
    kept: TracebackType | None = None
    for each in reversed(list(_frames(trace))):
        file = each.tb_frame.f_code.co_filename
        if not file.startswith((_OWN_FOLDER, "<frozen importlib")) and "/importlib/" not in file:
            kept = TracebackType(kept, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return kept


def _frames(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next
