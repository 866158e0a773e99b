"""Edits of the user's Python files by LibCST: bytes to bytes, every byte else kept.

Three places are edited: the list `workers` of an application (Worker.py), the list `workers`
of the whole project (WorkerMain.py), and `jobs=[…]` of the `JobsDashboard(…)` call
(FrontController.py). Each function returns the very same bytes where there is nothing to do,
and raises `CannotRegister` where it cannot edit faithfully; nothing is ever half done.

`unregister_x(register_x(source))` is `source`, but for a one-line list with padding or a comma
at its end that had to be broken over several lines: it is joined again without them.
"""

from __future__ import annotations

from jobgen.naming import snake_case
from jobgen.registration.entries import (
    ListEntry,
    RegistrationTarget,
    register_entry,
    unregister_entry,
)
from jobgen.registration.errors import CannotRegister

__all__ = [
    "CannotRegister",
    "register_application",
    "register_dashboard",
    "register_worker",
    "unregister_application",
    "unregister_dashboard",
    "unregister_worker",
]


def register_worker(source: bytes, module: str, name: str) -> bytes:
    """`source` with the job `name` of `module` imported and in its list `workers`."""
    return register_entry(source, RegistrationTarget.WORKERS, ListEntry(module, name))


def register_application(source: bytes, module: str, app: str) -> bytes:
    """`source` with the workers of `app`, whose Worker.py is `module`, in its list `workers`."""
    return register_entry(source, RegistrationTarget.WORKERS, _application(module, app))


def register_dashboard(source: bytes, module: str, name: str) -> bytes:
    """`source` with the job `name` of `module` in `jobs=[…]` of its `JobsDashboard(…)`."""
    return register_entry(source, RegistrationTarget.DASHBOARD, ListEntry(module, name))


def unregister_worker(source: bytes, module: str, name: str) -> bytes:
    """The inverse of `register_worker`."""
    return unregister_entry(source, RegistrationTarget.WORKERS, ListEntry(module, name))


def unregister_application(source: bytes, module: str, app: str) -> bytes:
    """The inverse of `register_application`."""
    return unregister_entry(source, RegistrationTarget.WORKERS, _application(module, app))


def unregister_dashboard(source: bytes, module: str, name: str) -> bytes:
    """The inverse of `register_dashboard`."""
    return unregister_entry(source, RegistrationTarget.DASHBOARD, ListEntry(module, name))


def _application(module: str, app: str) -> ListEntry:
    return ListEntry(module, "workers", alias=f"{snake_case(app)}_workers", starred=True)
