"""Finds modules that the project's own modules would hide, or be hidden by.

The project's `source` is first on the Python path. A folder `queue/` there hides the standard
library's `queue`, which psycopg imports, so that no worker could start.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jobgen_runtime.project import camel_case, fill, placeholders, snake_case, split_words

from jobgen.errors import UsageError
from jobgen.project.project import Project

_PATTERNS = ("worker", "job", "front_controller", "types", "main")
_OWN = ("jobgen", "jobgen_runtime")
_STANDARD_LIBRARY = sys.stdlib_module_names | {"test"}
_ENVIRONMENTS = (".venv", "venv", "env")


@dataclass(frozen=True, slots=True)
class ModuleClash:
    """A module of the project that has the name of another module.

    Attributes:
        path: The folder or file of the project, relative to its root.
        problem: What is wrong with it, as the end of the sentence "the folder PATH …".
        by_application: Whether the name follows from that of the application.
    """

    path: PurePosixPath
    problem: str
    by_application: bool

    @property
    def what(self) -> str:
        """The folder or file, as the subject of a sentence."""
        return f"the {'module' if self.path.suffix == '.py' else 'folder'} {self.path}"


def _another_name(suggestion: str) -> str:
    return f"Choose another name, such as {suggestion}."


def require_application(
    project: Project, app: str, advise: Callable[[str], str] = _another_name
) -> None:
    """Check that the modules of an application do not clash with others.

    Args:
        project: The project, whose patterns give the paths of the modules.
        app: The application.
        advise: Returns the hint for a name that clashes, from another name for the application.

    Raises:
        UsageError: They clash, or other modules of the project do.
    """
    clash = find_clash(project, app)
    if clash is None:
        return
    if clash.by_application:
        raise UsageError(
            f"{app!r} is not a valid application name: {clash.what} {clash.problem}.",
            hint=advise(suggest_application(project, app)),
        )
    raise UsageError(
        f"T{clash.what[1:]} {clash.problem}.",
        hint="Change its pattern in [tool.jobgen.paths] in pyproject.toml.",
    )


def require_module(project: Project, path: PurePosixPath, kind: str) -> None:
    """Check that a job or a script does not hide a module; only one in `source` itself can.

    Raises:
        UsageError: It would hide a module.
    """
    if path.parent == project.source:
        problem = _hidden(project, path.stem, path)
        if problem is not None:
            raise UsageError(f"{path} {problem}.", hint=f"Choose another name for the {kind}.")


def suggest_application(project: Project, app: str) -> str:
    """Return a name for an application like `app` that clashes with nothing."""
    words = split_words(app)
    candidates = [[*words, "app"], ["my", *words], [*words, "web", "app"]]
    spelled = (
        camel_case(words) if app[:1].isupper() else snake_case("_".join(words))
        for words in candidates
    )
    return next(name for name in spelled if find_clash(project, name) is None)


def find_clash(project: Project, app: str) -> ModuleClash | None:
    """Return the first clash of the modules of an application; None if there is none."""
    paths = {key: fill(getattr(project.paths, key), app=app, name="Example") for key in _PATTERNS}
    files = {path.stem: path for path in paths.values() if path.parent == project.source}
    for key, path in paths.items():
        if not path.is_relative_to(project.source) or path == project.source / "Example.py":
            continue
        parts = path.relative_to(project.source).parts
        top = parts[0] if len(parts) > 1 else path.stem
        shown = project.source / parts[0]
        problem = _hidden(project, top, shown)
        if problem is None and len(parts) > 1 and top in files:
            problem = f"would have the name of the module {files[top]}"
        if problem is not None:
            pattern = PurePosixPath(getattr(project.paths, key)).relative_to(project.source)
            by_application = bool({"App", "app"} & set(placeholders(pattern.parts[0])))
            return ModuleClash(shown, problem, by_application)
    return None


def _hidden(project: Project, top: str, path: PurePosixPath) -> str | None:
    """Return what is wrong with a module `top` of the project at `path`; None for nothing."""
    if top in _STANDARD_LIBRARY:
        return f"would hide the module {top} of Python's standard library"
    if top in _OWN:
        return f"would hide the package {top}"
    source = project.root / project.source
    if (project.root / path).exists():
        # A project may have its own package installed.
        return None
    if path.suffix != ".py" and (source / f"{top}.py").exists():
        return f"and the module {project.source / top}.py would have the same name"
    if path.suffix == ".py" and (source / top / "__init__.py").exists():
        return f"and the package {project.source / top} would have the same name"
    folder = next((each for each in _site_folders(project.root) if _has_module(each, top)), None)
    return f"would hide the package {top}, installed in {folder}" if folder else None


def _site_folders(root: Path) -> Iterator[Path]:
    """Yield the folders of installed packages: of the project's environment, and of jobgen's."""
    named = os.environ.get("VIRTUAL_ENV")
    environments = [root / name for name in _ENVIRONMENTS]
    for environment in (*([Path(named)] if named else []), *environments):
        yield from sorted(environment.glob("lib/python*/site-packages"))
        yield from sorted(environment.glob("Lib/site-packages"))
    # The project gets jobgen's requirements, whether they are installed there yet or not.
    yield from dict.fromkeys(Path(sysconfig.get_path(name)) for name in ("purelib", "platlib"))


def _has_module(folder: Path, name: str) -> bool:
    if (folder / name).is_dir() or (folder / f"{name}.py").is_file():
        return True
    return any(folder.glob(f"{name}.*.so")) or any(folder.glob(f"{name}.*.pyd"))
