"""The project's files, read once before a plan is made."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from types import MappingProxyType

from jobgen.project.find_files import FoundFile
from jobgen.project.migration_tool import MigrationTool, configured_tool
from jobgen.project.models import LIBRARIES, ModelClass, ModelLibrary, find_models
from jobgen.project.project import Project


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The files that a plan may change, as they were read. Immutable.

    Attributes:
        project: The project.
        files: The contents of each file that exists.
        obstacles: Why a path cannot be read or written, as the end of the sentence "PATH …".
        other_spellings: By path, an existing path that differs from it in case only, and is
            therefore the same file on many systems.
        jobs: The existing job modules.
        scripts: The existing scripts.
        applications: The applications with a worker module.
        migrations: What keeps the migrations of the user's tables; None if that is not known.
        models: By library, the user's models by their tables, where models of jobs are generated.
    """

    project: Project
    files: Mapping[PurePosixPath, bytes]
    obstacles: Mapping[PurePosixPath, str]
    other_spellings: Mapping[PurePosixPath, PurePosixPath]
    jobs: tuple[FoundFile, ...] = ()
    scripts: tuple[FoundFile, ...] = ()
    applications: tuple[str, ...] = ()
    migrations: MigrationTool | None = None
    models: Mapping[ModelLibrary, Mapping[str, ModelClass]] = field(
        default_factory=lambda: MappingProxyType({})
    )

    def before(self, path: PurePosixPath) -> bytes | None:
        """Return the file's contents; None where it does not exist."""
        return self.files.get(path)


def read_snapshot(
    project: Project, paths: Iterable[PurePosixPath], *, models: ModelLibrary | None = None
) -> Snapshot:
    """Read the files at `paths`, relative to the project's root, and the names in use.

    The generated models are read as well, because they change with the records.

    Args:
        project: The project.
        paths: The files.
        models: The library whose models are to be generated; None for those that exist already.
    """
    generated = {project.models_path(library): library for library in LIBRARIES}
    files: dict[PurePosixPath, bytes] = {}
    obstacles: dict[PurePosixPath, str] = {}
    other_spellings: dict[PurePosixPath, PurePosixPath] = {}
    listings: dict[PurePosixPath, list[str]] = {}
    for path in dict.fromkeys((*paths, *generated)):
        other = _other_spelling(project, path, listings)
        if other is not None:
            other_spellings[path] = other
        try:
            status = (project.root / path).stat()
            if stat.S_ISREG(status.st_mode):
                files[path] = (project.root / path).read_bytes()
            else:
                obstacles[path] = "is a folder" if stat.S_ISDIR(status.st_mode) else "is not a file"
        except FileNotFoundError:
            if os.path.lexists(project.root / path):
                obstacles[path] = "is a symbolic link to a file that does not exist"
        except NotADirectoryError:
            obstacles[path] = "cannot be written: one of the folders above it is a file"
        except OSError as error:
            obstacles[path] = f"cannot be read: {error.strerror}"
    return Snapshot(
        project=project,
        files=MappingProxyType(files),
        obstacles=MappingProxyType(obstacles),
        other_spellings=MappingProxyType(other_spellings),
        jobs=project.jobs(),
        scripts=project.scripts(),
        applications=project.applications(),
        migrations=configured_tool(project.root),
        models=MappingProxyType(
            {
                library: find_models(project.root, project.source, library)
                for path, library in generated.items()
                if path in files or library == models
            }
        ),
    )


def _other_spelling(
    project: Project, path: PurePosixPath, listings: dict[PurePosixPath, list[str]]
) -> PurePosixPath | None:
    """Return an existing path that differs from `path` in case only; None where there is none."""
    folder = PurePosixPath()
    for part in path.parts:
        if folder not in listings:
            try:
                listings[folder] = os.listdir(project.root / folder)  # noqa: PTH208 -- only the names are needed
            except OSError:
                listings[folder] = []
        if part not in listings[folder]:
            for name in listings[folder]:
                if name.casefold() == part.casefold():
                    return folder / name
            return None
        folder /= part
    return None
