"""The project's own modules: their names, the Python path, and importing them."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib.machinery import ModuleSpec
from pathlib import Path, PurePosixPath
from types import ModuleType

from jobgen_runtime.contract.errors import ProjectError
from jobgen_runtime.project.config import CONFIG_FILE, read_config
from jobgen_runtime.project.import_errors import import_failure

_active: list[Path] = []
_loaded: list[str] = []
_set_up: list[str] = []
_added_hooks: list[object] = []
_added_workers: list[Callable[[], Iterable[object]]] = []

HOOKS = "around"
"""The name of the list of hooks in the main module."""


def main_modules() -> list[str]:
    """Return the main module that this process has imported; none if it runs no project."""
    return _loaded[-1:]


def add_hook(hook: object) -> None:
    """Put a hook around all jobs that this process runs, and around the hooks of its project.

    For frameworks: their module calls it in each process that imports it.
    """
    if hook not in _added_hooks:
        _added_hooks.append(hook)


def project_hooks() -> object:
    """Return the added hooks and the list `around` of the main module, unchecked."""
    return _with_added(getattr(sys.modules.get(_loaded[-1]), HOOKS, ()) if _loaded else ())


def import_project_hooks(module: str | None) -> object:
    """Import a main module, as another process has, and return what `project_hooks` does there.

    Args:
        module: The main module; None if that process has none.
    """
    return _with_added(getattr(importlib.import_module(module), HOOKS, ()) if module else ())


def _with_added(hooks: object) -> object:
    return [*_added_hooks, *hooks] if isinstance(hooks, list | tuple) else hooks


def setup_modules() -> list[str]:
    """Return the module that `setup` in [tool.jobgen] names; none if the project has none."""
    return _set_up[-1:]


def active_project() -> Path | None:
    """Return the root of the project that this process runs; None where it was not given one."""
    return _active[-1] if _active else None


def activate_project(root: Path, default_setup: str | None = None) -> None:
    """Make `root` this process's project, and put its modules first on the Python path.

    If [tool.jobgen] names a module as `setup`, it is imported, else `default_setup` if given.

    Raises:
        ProjectError: The project's configuration cannot be read or is invalid, or the module that
            `setup` names does not exist or cannot be imported.
    """
    config = read_config(root)
    source = str((root / config.source).resolve())
    _active.append(root)
    if source in sys.path:
        sys.path.remove(source)
    sys.path.insert(0, source)
    setup = config.setup or default_setup
    if setup:
        with _naming_place(root):
            _import_setup(setup)
        _set_up.append(setup)


def _import_setup(module: str) -> None:
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        raise ProjectError(
            f"{CONFIG_FILE}, [tool.jobgen] setup: there is no module {error.name}.",
            hint="Correct it there, then run the command again.",
        ) from None


def module_name(path: PurePosixPath, source: PurePosixPath) -> str:
    """Return the dotted name that the file `path` is imported by.

    Args:
        path: The module's file, relative to the project's root.
        source: The folder on the Python path, relative to the project's root.

    Raises:
        ProjectError: The file cannot be imported from there.
    """
    if not path.is_relative_to(source):
        raise ProjectError(
            f"{path} cannot be imported: it is not below {source}, the project's source.",
            hint="Change its pattern in [tool.jobgen.paths], or `source`, in pyproject.toml.",
        )
    parts = path.relative_to(source).with_suffix("").parts
    if parts and parts[-1] == "__init__":
        parts = parts[:-1]
    for part in parts:
        if not part.isidentifier():
            raise ProjectError(
                f"{path} cannot be imported: {part!r} is not a Python name.",
                hint="Change its pattern in [tool.jobgen.paths] in pyproject.toml.",
            )
    return ".".join(parts)


def add_workers(source: Callable[[], Iterable[object]]) -> None:
    """Have workers run the jobs that a function returns besides those of the main module.

    For frameworks whose own jobs need no file in the project.
    """
    if source not in _added_workers:
        _added_workers.append(source)


def added_workers() -> list[object]:
    """Return the jobs that `add_workers` has added."""
    return [worker for source in _added_workers for worker in source()]


def load_workers(root: Path) -> list[object]:
    """Import the project's main module and return its list `workers`, and the added workers.

    Raises:
        ProjectError: There is no such module, it cannot be imported, or it lists no jobs.
    """
    added = added_workers()
    config = read_config(root)
    name = module_name(config.main_path, config.source)
    with _naming_place(root):
        found = _find_module(name)
    if found is None:
        if added:
            return added
        raise ProjectError(
            f"The project {root} has no {config.main_path}, so there are no jobs to run.",
            hint="`jobgen job NAME` writes it with the first job.",
        )
    with _naming_place(root):
        workers = getattr(importlib.import_module(name), "workers", None)
    if not isinstance(workers, list | tuple) or not (workers or added):
        raise ProjectError(
            f"{config.main_path} lists no jobs: `workers` is {workers!r}.",
            hint="Write one with `jobgen job NAME`, or add one to the list.",
        )
    _loaded.append(name)
    return [*workers, *(worker for worker in added if worker not in workers)]


def _free_module_name(stem: str) -> str:
    """Return a name for the module of a file that no other module has."""
    with suppress(ImportError, ValueError):
        if stem not in sys.modules and importlib.util.find_spec(stem) is None:
            return stem
    return f"script_{stem}"


def load_file(path: Path) -> ModuleType:
    """Run a Python file as a module and return the module.

    It has the file's name, preceded by `script_` where another module has that name.

    Raises:
        ProjectError: The file is not a Python file, or raises an error.
    """
    name = _free_module_name(path.stem)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ProjectError(f"{path} is not a Python file.")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses and typing look modules up by name.
    sys.modules[name] = module
    with _naming_place(active_project() or path.parent):
        spec.loader.exec_module(module)
    return module


def _find_module(name: str) -> ModuleSpec | None:
    """Return the module's spec; None if it or a package above it does not exist."""
    try:
        return importlib.util.find_spec(name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            return None
        raise


@contextmanager
def _naming_place(root: Path) -> Iterator[None]:
    """Raise a JobgenRuntimeError that begins with the place, for any error within the block."""
    try:
        yield
    except (Exception, SystemExit) as error:
        failure = import_failure(error, root)
        if failure is error:
            raise
        raise failure from error
