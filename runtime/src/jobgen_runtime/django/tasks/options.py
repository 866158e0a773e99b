"""Which of `settings.TASKS` have this package's backend, and their OPTIONS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from jobgen_runtime.contract.errors import InvalidJob
from jobgen_runtime.django.tasks.library import BaseTaskBackend, task_backends

_JOB_OPTIONS = frozenset(
    {
        "backoff",
        "expires_after",
        "global_concurrency",
        "isolation",
        "keep",
        "keep_attempts",
        "keep_failed",
        "max_attempts",
        "max_concurrency",
        "slow_after",
        "timeout",
    }
)
"""The options of a job class that OPTIONS may have."""

OURS = "is_run_by_jobgen"
"""The attribute of backends whose tasks this package's workers run."""

MODULES = "modules"
"""The option with further modules whose tasks may run."""


def our_backends() -> list[BaseTaskBackend]:
    """Return the backends of `settings.TASKS` whose tasks this package's workers run.

    Backends that cannot be imported are left out: they are other ones, and Django reports them.
    """
    found: list[BaseTaskBackend] = []
    for alias in task_backends:
        with suppress(task_backends.exception_class):
            if getattr(backend := task_backends[alias], OURS, False):
                found.append(backend)
    return found


def job_options(backend: BaseTaskBackend) -> dict[str, Any]:
    """Return the options of the job class that a backend's OPTIONS ask for.

    Raises:
        InvalidJob: There is no such option.
    """
    options: Mapping[str, Any] = backend.options
    known = _JOB_OPTIONS | {MODULES}
    if unknown := sorted(set(options) - known):
        raise InvalidJob(
            f"TASKS[{backend.alias!r}]: OPTIONS has no {' and no '.join(map(repr, unknown))}.",
            hint=f"It may have {', '.join(sorted(known))}.",
        )
    return {name: value for name, value in options.items() if name in _JOB_OPTIONS}


def further_modules(backend: BaseTaskBackend) -> Sequence[str]:
    """Return the modules that OPTIONS of a backend name.

    Raises:
        InvalidJob: They are not a list of names.
    """
    named: object = backend.options.get(MODULES, ())
    if not isinstance(named, list | tuple) or not all(isinstance(name, str) for name in named):
        raise InvalidJob(
            f"TASKS[{backend.alias!r}]: {MODULES!r} of OPTIONS must be a list of modules, "
            f"not {named!r}."
        )
    return named


def task_job_options() -> dict[str, Any]:
    """Return the options of the one job class that runs the tasks of all backends.

    Raises:
        InvalidJob: Two backends have different options, or one has an unknown option.
    """
    backends = our_backends()
    for backend in backends[1:]:
        if job_options(backend) != job_options(backends[0]):
            raise InvalidJob(
                f"TASKS: {backends[0].alias!r} and {backend.alias!r} have different OPTIONS, but "
                "their tasks are in one table and run with the same.",
                hint="Give them the same OPTIONS, or let them be one backend with several QUEUES.",
            )
    return job_options(backends[0]) if backends else {}
