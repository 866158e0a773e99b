"""Decides which saved files matter to a development session, and for what."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jobgen.project import Project

IGNORED_FOLDERS = frozenset(
    {"__pycache__", "node_modules", "site-packages", "build", "dist", "venv"}
)
"""Folders whose files are not the project's own; hidden folders are ignored as well."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a change of files requires.

    Attributes:
        code: Whether the web application and the workers have to be started again.
        schema: Whether Schema.sql, or a file that it may include, is different.
        settings: Whether pyproject.toml is different.
    """

    code: bool = False
    schema: bool = False
    settings: bool = False

    def __bool__(self) -> bool:
        return self.code or self.schema or self.settings


class Contents:
    """The contents of a project's files, as far as they are known, by their digests.

    Editors write files without a change, and jobgen writes files itself that are then running
    already: neither counts as a change.
    """

    def __init__(self, project: Project) -> None:
        """Know nothing yet of the files of `project`, which may be replaced."""
        self.project = project
        self._digests: dict[PurePosixPath, bytes] = {}

    def read(self, paths: Iterable[PurePosixPath]) -> None:
        """Remember the files as they are now; what is in them already is not a change."""
        for path in paths:
            self._digests[path] = self._digest(path)

    def changes(self, paths: Iterable[Path]) -> Changes:
        """Return what changes to these files (absolute paths) require; remember their contents."""
        different = [path for path in self._below_root(paths) if self._is_different(path)]
        return Changes(
            code=any(path.suffix == ".py" for path in different),
            schema=any(self._is_schema(path) for path in different),
            settings=PurePosixPath("pyproject.toml") in different,
        )

    def concern_schema(self, paths: Iterable[Path]) -> bool:
        """Return whether Schema.sql, or a file that it may include, is among the files."""
        return any(self._is_schema(path) for path in self._below_root(paths))

    def _below_root(self, paths: Iterable[Path]) -> list[PurePosixPath]:
        root = self.project.root.resolve()
        return [
            PurePosixPath(path.relative_to(root).as_posix())
            for path in dict.fromkeys(paths)
            if path.is_relative_to(root) and not is_ignored(path.relative_to(root))
        ]

    def _is_different(self, path: PurePosixPath) -> bool:
        if not (path.suffix in {".py", ".sql"} or path == PurePosixPath("pyproject.toml")):
            return False
        digest = self._digest(path)
        if self._digests.get(path) == digest:
            return False
        self._digests[path] = digest
        return True

    def _is_schema(self, path: PurePosixPath) -> bool:
        if path.suffix != ".sql" or path.is_relative_to(self.project.migrations_path):
            return False
        return path.is_relative_to(self.project.schema_path.parent)

    def _digest(self, path: PurePosixPath) -> bytes:
        try:
            content = (self.project.root / path).read_bytes()
        except OSError:
            return b""
        return hashlib.sha256(content).digest()


def is_ignored(path: Path | PurePosixPath) -> bool:
    """Return whether a path, relative to the root, is in a folder that is not the project's own."""
    return any(part.startswith(".") or part in IGNORED_FOLDERS for part in path.parts[:-1])
