"""One project: its root, and what `[tool.jobgen]` says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Literal

from jobgen_runtime.project import (
    DEFAULT_APPLICATION,
    GUIDE,
    Paths,
    application_name,
    camel_case,
    fill,
    module_name,
    snake_case,
    split_words,
)

from jobgen.project.errors import project_errors
from jobgen.project.found import FoundFile, find_files

SchemaSource = Literal["file", "database"]


@dataclass(frozen=True, slots=True)
class Project:
    """Where a project's files are; every path is relative to `root` unless it says otherwise.

    `application` is the application that is meant where none is named; `records` maps tables
    to the names of their records.
    """

    root: Path
    source: PurePosixPath = field(default_factory=PurePosixPath)
    application: str = DEFAULT_APPLICATION
    paths: Paths = GUIDE
    templates: PurePosixPath | None = None
    records: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    schema_source: SchemaSource = "file"

    @property
    def schema_path(self) -> PurePosixPath:
        return fill(self.paths.schema, app=self.application)

    @property
    def types_path(self) -> PurePosixPath:
        return fill(self.paths.types, app=self.application)

    @property
    def main_path(self) -> PurePosixPath:
        return fill(self.paths.main, app=self.application)

    @property
    def migrations_path(self) -> PurePosixPath:
        return fill(self.paths.migrations, app=self.application)

    def job_path(self, app: str, name: str) -> PurePosixPath:
        """The module of the job `name` (`EmailCustomers`) of an application."""
        return fill(self.paths.job, app=app, name=name)

    def script_path(self, name: str) -> PurePosixPath:
        return fill(self.paths.script, app=self.application, name=name)

    def worker_path(self, app: str) -> PurePosixPath:
        return fill(self.paths.worker, app=app)

    def front_controller_path(self, app: str) -> PurePosixPath:
        return fill(self.paths.front_controller, app=app)

    def module(self, path: PurePosixPath) -> str:
        """Return the dotted name that `path` is imported by.

        Raises:
            JobgenError: The file cannot be imported from the project's `source`.
        """
        with project_errors():
            return module_name(path, self.source)

    def applications(self) -> tuple[str, ...]:
        """The applications that have a file for their workers, the default one first."""
        found = {self._application(file) for file in find_files(self.root, self.paths.worker)}
        return tuple(sorted(found, key=lambda app: (not same_name(app, self.application), app)))

    def jobs(self) -> tuple[FoundFile, ...]:
        """The job modules that are there, by application and name."""
        return self._named(self.paths.job)

    def scripts(self) -> tuple[FoundFile, ...]:
        """The scripts that are there, by name."""
        return self._named(self.paths.script)

    def _named(self, pattern: str) -> tuple[FoundFile, ...]:
        files = (
            FoundFile(
                file.path,
                app=self._application(file),
                name=file.name or camel_case(split_words(file.snake_name)),
                snake_name=file.snake_name or snake_case(file.name),
            )
            for file in find_files(self.root, pattern)
        )
        return tuple(sorted(files, key=lambda file: (file.app, file.name)))

    def _application(self, file: FoundFile) -> str:
        return application_name(file.app, file.snake_app, self.application)


def same_name(one: str, other: str) -> bool:
    """Whether two names would be one on a file system that ignores case."""
    return one.casefold() == other.casefold()
