"""Find the project's root, and read the options of `[tool.jobgen]` that concern its modules."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath, PurePosixPath

from jobgen_runtime.contract.errors import ProjectError
from jobgen_runtime.project.paths import GUIDE, KEYS, PLACEHOLDERS, Paths, fill, placeholders
from jobgen_runtime.project.text import decode_text, read_bytes

CONFIG_FILE = "pyproject.toml"
DEFAULT_APPLICATION = "Web"
"""The application of a project whose `[tool.jobgen]` names none."""

_NAMED = {"job": "a job's name", "script": "a script's name", "test": "a job's name"}


@dataclass(frozen=True, slots=True)
class Config:
    """The options of `[tool.jobgen]` that the generator and the runtime both read.

    Attributes:
        source: The folder on the Python path, relative to the project's root.
        application: The application of jobs whose path or command names none.
        paths: The pattern of each kind of file.
        setup: The dotted name of a module that is imported before all other modules of the
            project; None for no such module.
    """

    source: PurePosixPath
    application: str
    paths: Paths
    setup: str | None = None

    @property
    def main_path(self) -> PurePosixPath:
        """The module that lists the workers of all applications."""
        return fill(self.paths.main, app=self.application)


def find_table(start: Path) -> tuple[Path, Mapping[str, object]] | None:
    """Return the root of the project that `start` is in, and its table `[tool.jobgen]`.

    The root is the nearest folder from `start` upwards whose pyproject.toml has that table.

    Returns:
        None where no folder has one.

    Raises:
        ProjectError: A pyproject.toml that mentions jobgen is not readable TOML in UTF-8.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        table = read_table(folder)
        if table is not None:
            return folder, table
    return None


def find_root(start: Path) -> Path | None:
    """Return the root of the project that `start` is in; None where it is in none.

    Raises:
        ProjectError: A pyproject.toml that mentions jobgen is not readable TOML in UTF-8.
    """
    found = find_table(start)
    return None if found is None else found[0]


def require_root(start: Path) -> Path:
    """Return the root of the project that `start` is in.

    Raises:
        ProjectError: `start` is not in a project, or a pyproject.toml cannot be read.
    """
    root = find_root(start)
    if root is None:
        raise ProjectError(
            f"No project at {start} or above it: no {CONFIG_FILE} there has [tool.jobgen].",
            hint="Go to the project's folder, or make a project with `jobgen new NAME`.",
        )
    return root


def read_table(root: Path) -> Mapping[str, object] | None:
    """Return the table `[tool.jobgen]` of the folder's pyproject.toml; None where it has none.

    Raises:
        ProjectError: The file mentions jobgen and is not readable TOML in UTF-8.
    """
    path = root / CONFIG_FILE
    content = read_bytes(path)
    # A NUL byte is a sign of UTF-16, in which the word would not be found.
    if content is None or not (b"jobgen" in content or b"\0" in content):
        return None
    tool = parse_toml(content, path).get("tool")
    table = tool.get("jobgen") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ProjectError(f"{path}: tool.jobgen is not a table.")
    return table


def parse_toml(content: bytes, path: PurePath) -> dict[str, object]:
    """Return the tables of a TOML file.

    Raises:
        ProjectError: The bytes are not UTF-8, or not TOML.
    """
    text = decode_text(content, path)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProjectError(f"{path} is not valid TOML: {error}.") from None


def read_config(root: Path) -> Config:
    """Return the configuration of the project at `root`, with the defaults for what is missing.

    Raises:
        ProjectError: The file cannot be read, or an option is invalid.
    """
    return parse_config(read_table(root) or {})


def parse_config(table: Mapping[str, object]) -> Config:
    """Return the configuration in a table `[tool.jobgen]`, whose other options are ignored.

    Raises:
        ProjectError: An option is invalid.
    """
    source = parse_path(table.get("source", "."), "source")
    return Config(
        source=source,
        application=parse_text(table.get("application", DEFAULT_APPLICATION), "application"),
        paths=_parse_paths(table.get("paths", {}), source),
        setup=_parse_module(table["setup"], "setup") if "setup" in table else None,
    )


def parse_table(value: object, option: str) -> Mapping[str, object]:
    """Return the value of an option that is a table.

    Raises:
        ProjectError: It is not a table.
    """
    if not isinstance(value, dict):
        raise invalid_option(option, "it must be a table")
    return value


def parse_text(value: object, option: str) -> str:
    """Return the value of an option that is a non-empty text.

    Raises:
        ProjectError: It is not a text, or blank.
    """
    if not isinstance(value, str) or not value.strip():
        raise invalid_option(option, f"it must be a non-empty text, not {value!r}")
    return value


def _parse_module(value: object, option: str) -> str:
    text = parse_text(value, option)
    if not all(part.isidentifier() for part in text.split(".")):
        raise invalid_option(option, f"it must be the dotted name of a module, not {text!r}")
    return text


def parse_path(value: object, option: str) -> PurePosixPath:
    """Return the value of an option that is a path below the project's root.

    Raises:
        ProjectError: It is not such a path.
    """
    path = PurePosixPath(parse_text(value, option))
    if path.is_absolute() or ".." in path.parts or "\\" in str(path):
        raise invalid_option(
            option, f"{path} must be below the project's folder, with / between folders"
        )
    return path


def invalid_option(option: str, reason: str) -> ProjectError:
    """Return the error for an option of `[tool.jobgen]`; `reason` has no full stop."""
    return ProjectError(
        f"{CONFIG_FILE}, [tool.jobgen] {option}: {reason}.",
        hint="Correct it there, then run the command again.",
    )


def _parse_paths(value: object, source: PurePosixPath) -> Paths:
    changed: dict[str, str] = {}
    for key, pattern in parse_table(value, "paths").items():
        option = f"paths.{key}"
        if key not in KEYS:
            raise ProjectError(
                f"{CONFIG_FILE}, [tool.jobgen] {option}: unknown path; the paths are"
                f" {', '.join(KEYS)}.",
                hint="Correct it there, or move it above [tool.jobgen.paths] if it is not a path.",
            )
        text = str(parse_path(pattern, option))
        for name in placeholders(text):
            if name not in PLACEHOLDERS:
                known = ", ".join(f"{{{known}}}" for known in PLACEHOLDERS)
                raise invalid_option(
                    option, f"unknown placeholder {{{name}}}; the placeholders are {known}"
                )
        if key in _NAMED and not {"Name", "name"} & set(placeholders(text)):
            raise invalid_option(option, f"it needs {{Name}} or {{name}} for {_NAMED[key]}")
        changed[key] = text
    return replace(GUIDE.below(source), **changed)
