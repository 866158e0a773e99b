"""Find the task that a row names. A row can name registered tasks only, not any function.

To find a task, its module is imported, which runs the module's code. So only modules of the project
and of its applications are imported, and those that OPTIONS name.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.utils.module_loading import autodiscover_modules

from jobgen_runtime.contract.errors import JobgenRuntimeError
from jobgen_runtime.django.tasks.library import AnyTask, Task
from jobgen_runtime.django.tasks.options import MODULES, further_modules, our_backends


class TaskNotFound(JobgenRuntimeError, LookupError):
    """A row names a task that this process does not have, so it cannot run."""


def find_task(path: str) -> AnyTask:
    """Return the task with a dotted path.

    Raises:
        TaskNotFound: There is no such task. If its module cannot be imported, that error is the
            cause.
    """
    module_name, _, name = path.rpartition(".")
    if not module_name or not all(part.isidentifier() for part in path.split(".")):
        raise TaskNotFound(f"{path!r} is not the dotted path of a task.")
    if module_name not in sys.modules:
        require_module(module_name, path)
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        raise TaskNotFound(
            f"The task {path} cannot run: its module cannot be imported: "
            f"{type(error).__name__}: {error}",
            hint="Deploy the same code to the workers as to the web processes, and workers first.",
        ) from error
    found: object = getattr(module, name, None)
    if not isinstance(found, Task):
        problem = "has no such name" if found is None else "has something else there"
        raise TaskNotFound(
            f"The task {path} cannot run: {module_name} {problem}, not a function with @task.",
            hint="If it was renamed, keep the old name until the tasks that were enqueued with it "
            "have ended.",
        )
    return found


def require_module(module_name: str, path: str) -> None:
    """Check that workers import the module of a task.

    Raises:
        TaskNotFound: They do not.
    """
    if module_name == "__main__":
        raise TaskNotFound(
            f"The task {path} cannot run: its module is the script that was started, which workers "
            "cannot import.",
            hint="Move it to a module, such as `tasks.py` of an application.",
        )
    if not any(f"{module_name}.".startswith(f"{each}.") for each in _importable()):
        raise TaskNotFound(
            f"The task {path} cannot run: {module_name} is neither in an application of "
            "INSTALLED_APPS nor in the project's package, and workers import no other module.",
            hint=f'Name it in OPTIONS of TASKS: "{MODULES}": ["{module_name}"].',
        )


def import_tasks() -> None:
    """Import the modules with tasks, so that an error in one is seen when the worker starts."""
    autodiscover_modules("tasks")
    for module_name in _named_modules():
        importlib.import_module(module_name)


def _importable() -> Iterator[str]:
    yield from (config.name for config in apps.get_app_configs())
    for setting in (settings.SETTINGS_MODULE, settings.ROOT_URLCONF):
        if setting:
            # A project without a package has only these modules.
            yield str(setting).partition(".")[0]
    yield from _named_modules()


def _named_modules() -> Iterator[str]:
    for backend in our_backends():
        yield from further_modules(backend)
