"""Finds the project, and reads `[tool.jobgen]` of its pyproject.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from jobgen.errors import JobgenError, UsageError
from jobgen.naming import parse_application_name
from jobgen.project.paths import GUIDE, KEYS, PLACEHOLDERS, Paths, placeholders
from jobgen.project.project import Project, SchemaSource

CONFIG = "pyproject.toml"
_OPTIONS = ("application", "source", "templates", "schema_source", "records", "paths")
_NAMED = {"job": "a job's name", "script": "a script's name"}


def find_project(start: Path) -> Project:
    """The project that `start` is in: the nearest folder upwards with `[tool.jobgen]`.

    Raises JobgenError where there is none, or where its pyproject.toml cannot be read or says
    something that cannot be meant.
    """
    start = start.absolute()
    for folder in (start, *start.parents):
        file = folder / CONFIG
        try:
            content = file.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise JobgenError(f"{file} cannot be read: {error.strerror}.") from None
        if b"jobgen" not in content:
            continue
        config = _tool_table(content, file)
        if config is not None:
            return project_of(config, folder)
    raise JobgenError(
        f"No project here: neither {start} nor a folder above it has a pyproject.toml with"
        " [tool.jobgen].",
        hint="Make a new application with `jobgen new NAME`, or add jobs to the one in this folder"
        " with `jobgen init`.",
    )


def project_of(config: Mapping[str, object], root: Path) -> Project:
    """The project at `root` whose `[tool.jobgen]` is `config`. Raises JobgenError."""
    for key in config:
        if key not in _OPTIONS:
            raise _wrong(key, f"there is no such option; there are {', '.join(_OPTIONS)}")
    source = _relative(config.get("source", "."), "source")
    application = _text(config.get("application", "Web"), "application")
    try:
        parse_application_name(application)
    except UsageError as error:
        raise _wrong("application", error.message.removesuffix(".")) from None
    templates = config.get("templates")
    return Project(
        root=root,
        source=source,
        application=application,
        paths=_paths(config.get("paths", {}), source),
        templates=None if templates is None else _relative(templates, "templates"),
        records=_records(config.get("records", {})),
        schema_source=_schema_source(config.get("schema_source", "file")),
    )


def _tool_table(content: bytes, file: Path) -> Mapping[str, object] | None:
    """The table `[tool.jobgen]`, None where there is none."""
    try:
        tool = tomllib.loads(content.decode("utf-8-sig")).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise JobgenError(f"{file} is not valid TOML: {error}.") from None
    config = tool.get("jobgen") if isinstance(tool, dict) else None
    if config is not None and not isinstance(config, dict):
        raise JobgenError(f"{file}: tool.jobgen is not a table.")
    return config


def _paths(value: object, source: PurePosixPath) -> Paths:
    defaults = GUIDE.below(source)
    changed: dict[str, str] = {}
    for key, pattern in _table(value, "paths").items():
        option = f"paths.{key}"
        if key not in KEYS:
            raise _wrong(option, f"there is no such path; there are {', '.join(KEYS)}")
        text = str(_relative(pattern, option))
        for name in placeholders(text):
            if name not in PLACEHOLDERS:
                known = ", ".join(f"{{{known}}}" for known in PLACEHOLDERS)
                raise _wrong(option, f"{{{name}}} means nothing; there are {known}")
        if key in _NAMED and not {"Name", "name"} & set(placeholders(text)):
            raise _wrong(option, f"it needs {{Name}} or {{name}}, where {_NAMED[key]} goes")
        changed[key] = text
    return replace(defaults, **changed)


def _records(value: object) -> Mapping[str, str]:
    records: dict[str, str] = {}
    for table, record in _table(value, "records").items():
        name = _text(record, f"records.{table}")
        if not name.isidentifier():
            raise _wrong(f"records.{table}", f"{name!r} is not a Python name")
        records[table] = name
    return MappingProxyType(records)


def _schema_source(value: object) -> SchemaSource:
    if value in {"file", "database"}:
        return "file" if value == "file" else "database"
    raise _wrong("schema_source", f"it is {value!r}, and can be 'file' or 'database'")


def _table(value: object, option: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _wrong(option, "it must be a table")
    return value


def _text(value: object, option: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _wrong(option, "it must be a text that is not empty")
    return value


def _relative(value: object, option: str) -> PurePosixPath:
    """A path that stays below the project's root."""
    path = PurePosixPath(_text(value, option))
    if path.is_absolute() or ".." in path.parts or "\\" in str(path):
        raise _wrong(option, f"{path} must be below the project's folder, with / between folders")
    return path


def _wrong(option: str, reason: str) -> JobgenError:
    return JobgenError(
        f"pyproject.toml, [tool.jobgen] {option}: {reason}.",
        hint="Correct it there, then run the command again.",
    )
