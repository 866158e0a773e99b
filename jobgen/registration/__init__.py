"""Register jobs in the user's Python files, and keep every other byte of them.

Three lists are edited: `workers` of an application (Worker.py), `workers` of the whole project
(WorkerMain.py), and `jobs=[…]` in the call of `JobsDashboard` (FrontController.py). Each function
takes and returns the contents of a file. It returns the same bytes if there is nothing to do, and
raises `CannotRegister` if it cannot edit the file faithfully.

`unregister_x(register_x(source))` is `source`, with one exception: a list on one line with padding
or a trailing comma that registering split over several lines is joined without them.
"""

from __future__ import annotations

from collections.abc import Sequence

from jobgen.naming import snake_case
from jobgen.registration.entries import (
    ListEntry,
    RegistrationTarget,
    makes_dashboard,
    register_entry,
    unregister_entry,
)
from jobgen.registration.errors import CannotRegister

__all__ = [
    "CannotRegister",
    "makes_dashboard",
    "register_application",
    "register_dashboard",
    "register_worker",
    "unregister_application",
    "unregister_dashboard",
    "unregister_worker",
]


def register_worker(source: bytes, module: str, name: str) -> bytes:
    """Add the job `name` of `module` to the list `workers`, and import it.

    Raises:
        CannotRegister: The user has to edit the file.
    """
    return register_entry(source, RegistrationTarget.WORKERS, ListEntry(module, name))


def register_application(source: bytes, module: str, app: str) -> bytes:
    """Add the workers of the application `app` in `module` to the list `workers`.

    Raises:
        CannotRegister: The user has to edit the file.
    """
    return register_entry(source, RegistrationTarget.WORKERS, _application(module, app))


def register_dashboard(source: bytes, module: str, name: str, workers: Sequence[str] = ()) -> bytes:
    """Add the job `name` of `module` to `jobs=[…]` of the call of `JobsDashboard`.

    Args:
        source: The file.
        module: The module of the job.
        name: The job's class.
        workers: Modules whose list `workers` has the job: it counts as registered where one of
            these lists is.

    Raises:
        CannotRegister: The user has to edit the file.
    """
    covers = [ListEntry(each, "workers", starred=True) for each in workers]
    entry = ListEntry(module, name)
    return register_entry(source, RegistrationTarget.DASHBOARD, entry, covers=covers)


def unregister_worker(source: bytes, module: str, name: str) -> bytes:
    """Reverse `register_worker`; raises the same errors."""
    return unregister_entry(source, RegistrationTarget.WORKERS, ListEntry(module, name))


def unregister_application(source: bytes, module: str, app: str) -> bytes:
    """Reverse `register_application`; raises the same errors."""
    return unregister_entry(source, RegistrationTarget.WORKERS, _application(module, app))


def unregister_dashboard(source: bytes, module: str, name: str) -> bytes:
    """Reverse `register_dashboard`; raises the same errors."""
    return unregister_entry(source, RegistrationTarget.DASHBOARD, ListEntry(module, name))


def _application(module: str, app: str) -> ListEntry:
    return ListEntry(module, "workers", alias=f"{snake_case(app)}_workers", starred=True)
