"""Paths that the project's own tools name."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from jobgen.errors import JobgenError


def below(root: Path, path: str) -> PurePosixPath:
    """Return an absolute path as one below the root.

    Raises:
        JobgenError: It is not below it.
    """
    try:
        return PurePosixPath(Path(path).relative_to(root.resolve()).as_posix())
    except ValueError:
        raise JobgenError(
            f"The migrations are outside of the project: {path}.",
            hint="jobgen writes only below the folder of pyproject.toml.",
        ) from None
