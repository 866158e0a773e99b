"""A project: its root, its options in `[tool.jobgen]`, and the paths of its files."""

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
from jobgen.project.find_files import FoundFile, find_files
from jobgen.project.migration_tool import upgrade_command
from jobgen.project.models import ModelLibrary

SchemaSource = Literal["file", "database"]


@dataclass(frozen=True, slots=True)
class Project:
    """A project with the options of `[tool.jobgen]`. All paths are relative to `root`.

    Attributes:
        root: The project's root.
        source: The folder on the Python path.
        application: The default application.
        paths: The pattern of each kind of file.
        setup: The module that is imported before all others; None for no such module.
        templates: The folder of the project's own templates; None for jobgen's templates.
        records: The record's name of each table whose record is not named after it.
        schema_source: Whether tables are read from Schema.sql or also from the database.
        web: The web application that `jobgen dev` serves: an ASGI application as `module:app`, or
            `command …`; None for the front controller.
        django_app: The label of Django's app whose migrations create the tables of jobs; None for
            the app that a job's module is in, or the only one.
        tests: Whether a new job gets a test; None if that depends on whether the project uses
            pytest.
    """

    root: Path
    source: PurePosixPath = field(default_factory=PurePosixPath)
    application: str = DEFAULT_APPLICATION
    paths: Paths = GUIDE
    setup: str | None = None
    templates: PurePosixPath | None = None
    records: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    schema_source: SchemaSource = "file"
    web: str | None = None
    django_app: str | None = None
    tests: bool | None = None

    @property
    def upgrade_command(self) -> str | None:
        """The command of Alembic or Django that changes the database; None for `jobgen migrate`."""
        return None if self.schema_source == "file" else upgrade_command(self.root)

    @property
    def schema_path(self) -> PurePosixPath:
        """The path of Schema.sql."""
        return fill(self.paths.schema, app=self.application)

    @property
    def types_path(self) -> PurePosixPath:
        """The path of Types.py, the module of the generated records."""
        return fill(self.paths.types, app=self.application)

    def models_path(self, library: ModelLibrary) -> PurePosixPath:
        """Return the path of the generated models, next to the records."""
        name = "tables" if library == "sqlalchemy" else "models"
        is_capital = self.types_path.name[:1].isupper()
        return self.types_path.with_name(f"{name.capitalize() if is_capital else name}.py")

    @property
    def main_path(self) -> PurePosixPath:
        """The path of the module that lists the jobs of all applications."""
        return fill(self.paths.main, app=self.application)

    @property
    def migrations_path(self) -> PurePosixPath:
        """The path of the folder of migrations."""
        return fill(self.paths.migrations, app=self.application)

    def job_path(self, app: str, name: str) -> PurePosixPath:
        """Return the path of the job `name`, such as `EmailCustomers`, of an application."""
        return fill(self.paths.job, app=app, name=name)

    def test_path(self, app: str, name: str) -> PurePosixPath:
        """Return the path of the tests of the job `name` of an application."""
        return fill(self.paths.test, app=app, name=name)

    def script_path(self, name: str) -> PurePosixPath:
        """Return the path of the script `name`."""
        return fill(self.paths.script, app=self.application, name=name)

    def worker_path(self, app: str) -> PurePosixPath:
        """Return the path of the module that lists the jobs of an application."""
        return fill(self.paths.worker, app=app)

    def front_controller_path(self, app: str) -> PurePosixPath:
        """Return the path of the module that mounts the dashboard of an application."""
        return fill(self.paths.front_controller, app=app)

    def module(self, path: PurePosixPath) -> str:
        """Return the dotted name that `path` is imported by.

        Raises:
            JobgenError: The file cannot be imported from the project's `source`.
        """
        with project_errors():
            return module_name(path, self.source)

    def applications(self) -> tuple[str, ...]:
        """Return the applications with a worker module, the default application first."""
        found = {self._application(file) for file in find_files(self.root, self.paths.worker)}
        return tuple(sorted(found, key=lambda app: (not same_name(app, self.application), app)))

    def jobs(self) -> tuple[FoundFile, ...]:
        """Return the existing job modules, ordered by application and name."""
        return self._named(self.paths.job)

    def scripts(self) -> tuple[FoundFile, ...]:
        """Return the existing scripts, ordered by name."""
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
    """Return whether two names are the same on a file system that ignores case."""
    return one.casefold() == other.casefold()
