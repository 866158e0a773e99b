"""Render Copier templates with Jinja2 alone.

Importing Copier takes longer than the rest of a generator's run. The small templates use only
variables, file names and the defaults of questions, which Jinja2 renders to the same bytes. A
template that uses more is refused.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING

import jobgen
from jobgen.errors import JobgenError
from jobgen.render.questions import QUESTION_FILES, TEMPLATE_SUFFIX, read_defaults

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

# The files that Copier leaves out of every template.
_EXCLUDED = (*QUESTION_FILES, "~*", "*.py[co]", "__pycache__", ".git", ".DS_Store", ".svn")


_FRAME = "<template>"
"""The file name that Jinja gives to the frames of a template from a dictionary."""
_HINT = "Correct the project's own template, or remove its folder to use jobgen's."


@dataclass(frozen=True, slots=True)
class Template:
    """A template.

    Attributes:
        folder: Its folder.
        files: The contents of its files, by their path in the folder.
        defaults: The defaults of its questions; strings are rendered too.
    """

    folder: Path
    files: Mapping[PurePosixPath, bytes]
    defaults: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    def render(self, data: Mapping[str, object]) -> dict[PurePosixPath, bytes]:
        """Render the template; a file whose name becomes empty is left out.

        Args:
            data: The variables.

        Returns:
            The contents of each file, by its path.

        Raises:
            JobgenError: The template is invalid, or uses a variable that is not in the data.
        """
        sources = {str(path): _text(self, path) for path in self.files if _is_template(path)}
        environment = _environment(frozenset(sources.items()))
        path = PurePosixPath()
        try:
            values = self._values(environment, data)
            rendered: dict[PurePosixPath, bytes] = {}
            for path, content in self.files.items():
                target = _target(environment, path, values)
                if target is not None:
                    rendered[target] = (
                        environment.get_template(str(path)).render(values).encode()
                        if _is_template(path)
                        else content
                    )
        except JobgenError:
            raise
        except Exception as error:  # noqa: BLE001 -- expressions of a template raise anything
            reason = _described(error).removesuffix(".")
            line = _line(error)
            place = f"{self.folder / path}{f':{line}' if line else ''}"
            raise JobgenError(
                f"The template {place} cannot be rendered: {reason}.",
                hint=None if self.folder.is_relative_to(bundled_templates()) else _HINT,
            ) from None
        return rendered

    def _values(
        self, environment: SandboxedEnvironment, data: Mapping[str, object]
    ) -> dict[str, object]:
        values = dict(data)
        for name, default in self.defaults.items():
            if name not in values:
                is_text = isinstance(default, str)
                values[name] = _rendered(environment, str(default), values) if is_text else default
        return values


def bundled_templates() -> Path:
    """Return the folder of jobgen's templates, in the installed package or in a checkout."""
    package = Path(jobgen.__file__).parent
    packed = package / "_templates"
    return packed if packed.is_dir() else package.parent / "templates"


def load_template(name: str, own: Path | None = None) -> Template:
    """Load a template.

    Args:
        name: The template's name.
        own: The user's folder of templates, which may have one of that name; None for no
            such folder.

    Raises:
        JobgenError: The template cannot be read, or needs Copier itself.
    """
    if own is not None:
        if not own.is_dir():
            raise JobgenError(
                f"{own} is not a folder, but pyproject.toml names it as [tool.jobgen] templates.",
                hint=f"Create it, for example with: cp -r {bundled_templates()} {own}",
            )
        if (own / name).is_dir():
            folder = own / name
            return Template(folder, _read(folder), MappingProxyType(read_defaults(folder)))
    folder = bundled_templates() / name
    return Template(folder, _read(folder))


@lru_cache(maxsize=32)
def _environment(sources: frozenset[tuple[str, str]]) -> SandboxedEnvironment:
    """Return the environment of a template's files, which compiles each of them once.

    Args:
        sources: The names and the texts of the files.
    """
    from jinja2 import DictLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(
        loader=DictLoader(dict(sources)), undefined=StrictUndefined, keep_trailing_newline=True
    )


def _rendered(environment: SandboxedEnvironment, text: str, values: Mapping[str, object]) -> str:
    """Return a text with its expressions rendered; most names of files have none."""
    return environment.from_string(text).render(values) if "{" in text else text


def _read(folder: Path) -> Mapping[PurePosixPath, bytes]:
    """Read all files of a template, in the order of their names."""
    files: dict[PurePosixPath, bytes] = {}
    try:
        for path in sorted(folder.rglob("*")):
            relative = PurePosixPath(path.relative_to(folder).as_posix())
            if path.is_file() and not any(_is_excluded(part) for part in relative.parts):
                files[relative] = path.read_bytes()
    except OSError as error:
        raise JobgenError(f"The template {folder} cannot be read: {error}.") from None
    return MappingProxyType(files)


def _is_excluded(name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in _EXCLUDED)


def _is_template(path: PurePosixPath) -> bool:
    return path.name.endswith(TEMPLATE_SUFFIX)


def _text(template: Template, path: PurePosixPath) -> str:
    try:
        return template.files[path].decode()
    except UnicodeDecodeError:
        raise JobgenError(f"The template {template.folder / path} is not UTF-8.") from None


def _described(error: Exception) -> str:
    from jinja2 import TemplateError

    if isinstance(error, TemplateError):
        return str(error.message)
    return f"{type(error).__name__}: {error}"


def _line(error: Exception) -> int | None:
    """Return the line of a template in which an error was raised; None if it is not known."""
    from jinja2 import TemplateSyntaxError

    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    # Jinja gives its frames the lines of the template.
    frames = traceback.extract_tb(error.__traceback__)
    return next((each.lineno for each in reversed(frames) if each.filename == _FRAME), None)


def _target(
    environment: SandboxedEnvironment, path: PurePosixPath, values: Mapping[str, object]
) -> PurePosixPath | None:
    """Return the rendered path of a file, or None if a part of it becomes empty."""
    parts = path.parts
    if _is_template(path):
        parts = (*parts[:-1], parts[-1].removesuffix(TEMPLATE_SUFFIX))
    rendered = [_rendered(environment, part, values) for part in parts]
    if not all(rendered):
        return None
    target = PurePosixPath(*rendered)
    if target.is_absolute() or ".." in target.parts:
        raise JobgenError(f"The template writes to {target}, outside the project.")
    return target
