"""Templates: folders that Copier accepts, read once, rendered by Jinja2 alone.

Importing Copier costs more than all else that a generator does, so the small templates are
rendered here, to the same bytes, from what the two have in common: variables, file names, and
the defaults of questions. A folder that asks for more is refused by the name of what it asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING

import jobgen
from jobgen.errors import JobgenError
from jobgen.render.questions import QUESTION_FILES, TEMPLATE_SUFFIX, read_defaults

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

# What Copier leaves out of every template.
_EXCLUDED = (*QUESTION_FILES, "~*", "*.py[co]", "__pycache__", ".git", ".DS_Store", ".svn")


@dataclass(frozen=True, slots=True)
class Template:
    """One template: its files by their path in the folder, names not rendered yet.

    `defaults` are the answers of the user's own questions, rendered where they are texts.
    """

    folder: Path
    files: Mapping[PurePosixPath, bytes]
    defaults: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    def render(self, data: Mapping[str, object]) -> dict[PurePosixPath, bytes]:
        """Every file's path and contents for `data`; a file whose name becomes empty is left out.

        Raises JobgenError for a template that is wrong, or that needs what `data` does not have.
        """
        from jinja2 import DictLoader, StrictUndefined, TemplateError
        from jinja2.sandbox import SandboxedEnvironment

        sources = {str(path): _text(self, path) for path in self.files if _is_template(path)}
        environment = SandboxedEnvironment(
            loader=DictLoader(sources), undefined=StrictUndefined, keep_trailing_newline=True
        )
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
        except TemplateError as error:
            raise JobgenError(
                f"The template {self.folder / path} cannot be rendered: {error.message}."
            ) from None
        return rendered

    def _values(
        self, environment: SandboxedEnvironment, data: Mapping[str, object]
    ) -> dict[str, object]:
        values = dict(data)
        for name, default in self.defaults.items():
            if name not in values:
                is_text = isinstance(default, str)
                values[name] = (
                    environment.from_string(str(default)).render(values) if is_text else default
                )
        return values


def bundled_templates() -> Path:
    """The folder of jobgen's own templates, in the installed package or in the checkout."""
    package = Path(jobgen.__file__).parent
    packed = package / "_templates"
    return packed if packed.is_dir() else package.parent / "templates"


def load_template(name: str, own: Path | None = None) -> Template:
    """The template `name`: the user's, where the folder `own` has one, else jobgen's.

    Raises JobgenError where it cannot be read, or uses what only Copier itself can do.
    """
    if own is not None:
        if not own.is_dir():
            raise JobgenError(
                f"{own} is no folder, and [tool.jobgen] templates in pyproject.toml names it.",
                hint=f"Make it, for example with: cp -r {bundled_templates()} {own}",
            )
        if (own / name).is_dir():
            folder = own / name
            return Template(folder, _read(folder), MappingProxyType(read_defaults(folder)))
    folder = bundled_templates() / name
    return Template(folder, _read(folder))


def _read(folder: Path) -> Mapping[PurePosixPath, bytes]:
    """All files of a template, in the order of their names."""
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


def _target(
    environment: SandboxedEnvironment, path: PurePosixPath, values: Mapping[str, object]
) -> PurePosixPath | None:
    """Where the file goes; None where a part of its path becomes empty."""
    parts = path.parts
    if _is_template(path):
        parts = (*parts[:-1], parts[-1].removesuffix(TEMPLATE_SUFFIX))
    rendered = [environment.from_string(part).render(values) for part in parts]
    if not all(rendered):
        return None
    target = PurePosixPath(*rendered)
    if target.is_absolute() or ".." in target.parts:
        raise JobgenError(f"A template may not write to {target}, outside of the project.")
    return target
