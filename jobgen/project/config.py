"""Finds the project, and reads all of `[tool.jobgen]` in its pyproject.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from jobgen_runtime.project import (
    find_table,
    invalid_option,
    parse_config,
    parse_path,
    parse_table,
    parse_text,
    read_table,
)

from jobgen.errors import JobgenError, UsageError
from jobgen.naming import parse_application_name
from jobgen.project.errors import project_errors
from jobgen.project.project import Project, SchemaSource

_OPTIONS = (
    "application",
    "source",
    "setup",
    "templates",
    "schema_source",
    "records",
    "paths",
    "postgres",
    "web",
    "tests",
    "django_app",
    "build",
)


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """The options of `[tool.jobgen.build]`: patterns such as "Web/Templates/**".

    Attributes:
        include: Further files that a built program contains.
        exclude: Files that it does not contain, whatever includes them.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


_WEB = re.compile(r"command\s+\S.*|[\w.]+:[\w.]+(\(\))?", re.DOTALL)
"""The web application: an ASGI application, as uvicorn takes it, or a command."""


def find_project(start: Path) -> Project:
    """Return the project that `start` is in.

    Its root is the nearest folder from `start` upwards whose pyproject.toml has `[tool.jobgen]`.

    Raises:
        JobgenError: There is none, or its pyproject.toml cannot be read or has an invalid option.
    """
    with project_errors():
        found = find_table(start)
    if found is None:
        raise JobgenError(
            f"No project here: neither {start.absolute()} nor a folder above it has a"
            " pyproject.toml with [tool.jobgen].",
            hint="Make a new application with `jobgen new NAME`, or add jobs to the one in this"
            " folder with `jobgen init`.",
        )
    root, table = found
    return project_of(table, root)


def project_folder(start: Path) -> Path | None:
    """Return the root of the project that `start` is in; None if it is in none that can be read."""
    with suppress(JobgenError), project_errors():
        found = find_table(start)
        return None if found is None else found[0]
    return None


def project_of(table: Mapping[str, object], root: Path) -> Project:
    """Return the project at `root` whose `[tool.jobgen]` is `table`.

    Raises:
        JobgenError: An option is unknown or invalid.
    """
    with project_errors():
        for key in table:
            if key not in _OPTIONS:
                raise invalid_option(key, f"unknown option; the options are {', '.join(_OPTIONS)}")
        config = parse_config(table)
        try:
            parse_application_name(config.application)
        except UsageError as error:
            raise invalid_option("application", error.message.removesuffix(".")) from None
        templates = table.get("templates")
        _parse_postgres_bin(table, root)
        parse_build_options(table)
        return Project(
            root=root,
            source=config.source,
            application=config.application,
            paths=config.paths,
            setup=config.setup,
            templates=None if templates is None else parse_path(templates, "templates"),
            records=_parse_records(table.get("records", {})),
            schema_source=_parse_schema_source(table.get("schema_source", "file")),
            web=None if "web" not in table else _parse_web(table["web"]),
            django_app=_parse_optional(table, "django_app"),
            tests=_parse_tests(table.get("tests")),
        )


def postgres_bin(root: Path) -> Path | None:
    """Return the folder of the PostgreSQL programs that the project at `root` names.

    Returns:
        None for the embedded ones: `[tool.jobgen.postgres]` has no `bin`.

    Raises:
        JobgenError: pyproject.toml cannot be read, or the option is invalid.
    """
    with project_errors():
        return _parse_postgres_bin(read_table(root) or {}, root)


def _parse_postgres_bin(table: Mapping[str, object], root: Path) -> Path | None:
    options = parse_table(table.get("postgres", {}), "postgres")
    for key in options:
        if key != "bin":
            raise invalid_option(f"postgres.{key}", "unknown option; the option is bin")
    if "bin" not in options:
        return None
    text = parse_text(options["bin"], "postgres.bin")
    try:
        return root.resolve() / Path(text).expanduser()
    except RuntimeError:
        raise invalid_option("postgres.bin", f"the home folder in {text} is not known") from None


def build_options(root: Path) -> BuildOptions:
    """Return the options of `jobgen build` of the project at `root`.

    Raises:
        JobgenError: pyproject.toml cannot be read, or an option is invalid.
    """
    with project_errors():
        return parse_build_options(read_table(root) or {})


def parse_build_options(table: Mapping[str, object]) -> BuildOptions:
    """Return the options in `[tool.jobgen.build]` of a table `[tool.jobgen]`.

    Raises:
        ProjectError: An option is unknown or invalid.
    """
    options = parse_table(table.get("build", {}), "build")
    for key in options:
        if key not in {"include", "exclude"}:
            raise invalid_option(
                f"build.{key}", "unknown option; the options are include and exclude"
            )
    return BuildOptions(
        include=_parse_patterns(options, "include"), exclude=_parse_patterns(options, "exclude")
    )


def _parse_patterns(options: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = options.get(key, [])
    if not isinstance(value, list):
        raise invalid_option(f"build.{key}", 'it must be a list such as ["Web/Templates/**"]')
    return tuple(str(parse_path(each, f"build.{key}")) for each in value)


def _parse_web(value: object) -> str:
    text = parse_text(value, "web").strip()
    if _WEB.fullmatch(text):
        return text
    raise invalid_option("web", f"it must be 'module:app' or 'command …', not {text!r}")


def _parse_optional(table: Mapping[str, object], key: str) -> str | None:
    return parse_text(table[key], key) if key in table else None


def _parse_tests(value: object) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise invalid_option("tests", f"it must be true or false, not {value!r}")


def _parse_records(value: object) -> Mapping[str, str]:
    records: dict[str, str] = {}
    for table, record in parse_table(value, "records").items():
        name = parse_text(record, f"records.{table}")
        if not name.isidentifier():
            raise invalid_option(f"records.{table}", f"{name!r} is not a Python name")
        records[table] = name
    return MappingProxyType(records)


def _parse_schema_source(value: object) -> SchemaSource:
    if value in {"file", "database"}:
        return "file" if value == "file" else "database"
    raise invalid_option("schema_source", f"it must be 'file' or 'database', not {value!r}")
