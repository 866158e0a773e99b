"""jobgen for Django: an application for INSTALLED_APPS. Requires the extra `django`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

try:
    import django as _django  # noqa: F401 -- only to say what is missing
except ImportError as error:
    raise ImportError(
        'jobgen_runtime.django needs Django. Install it: pip install "jobgen-runtime[django]"'
    ) from error

if TYPE_CHECKING:
    from jobgen_runtime.django.auth import StaffMember
    from jobgen_runtime.django.dashboard import dashboard_urls
    from jobgen_runtime.django.tasks.backend import TasksBackend
    from jobgen_runtime.django.tasks.job import DjangoTask
    from jobgen_runtime.django.tasks.results import TaskStopped

__all__ = ["DjangoTask", "StaffMember", "TaskStopped", "TasksBackend", "dashboard_urls"]

# Imported on first use: Django imports this package before its settings and models are ready.
_MODULES = {
    "DjangoTask": "tasks.job",
    "StaffMember": "auth",
    "TaskStopped": "tasks.results",
    "TasksBackend": "tasks.backend",
    "dashboard_urls": "dashboard",
}


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{module}"), name)
