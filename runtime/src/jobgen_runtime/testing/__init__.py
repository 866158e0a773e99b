"""The testing kit: databases for tests, running jobs in their process, a clock, and a factory.

With pytest, the fixtures `jobgen_database`, `jobgen_transaction` and `jobgen_clock` are there once
jobgen-runtime is installed; with unittest, derive from `JobsTestCase`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobgen_runtime.contract.attempts import AttemptOutcome
    from jobgen_runtime.testing.assertions import (
        assert_enqueued,
        assert_enqueued_sync,
        enqueued,
        enqueued_sync,
    )
    from jobgen_runtime.testing.case import JobsTestCase
    from jobgen_runtime.testing.clocks import Clock, clock
    from jobgen_runtime.testing.drained import Drained, DrainedJob
    from jobgen_runtime.testing.draining import drain, drain_sync
    from jobgen_runtime.testing.errors import (
        DrainLimitReached,
        JobNotSucceeded,
        NoTestDatabase,
        TestingError,
    )
    from jobgen_runtime.testing.factory import make, make_sync, set_defaults

__all__ = [
    "AttemptOutcome",
    "Clock",
    "DrainLimitReached",
    "Drained",
    "DrainedJob",
    "JobNotSucceeded",
    "JobsTestCase",
    "NoTestDatabase",
    "TestingError",
    "assert_enqueued",
    "assert_enqueued_sync",
    "clock",
    "drain",
    "drain_sync",
    "enqueued",
    "enqueued_sync",
    "make",
    "make_sync",
    "set_defaults",
]

# Imported on first use: pytest loads this package for its plugin, in every run. No module has the
# name of what it defines: importing it would replace that here.
_MODULES = {
    "AttemptOutcome": "jobgen_runtime.contract.attempts",
    **dict.fromkeys(("DrainLimitReached", "JobNotSucceeded", "NoTestDatabase"), "errors"),
    "TestingError": "errors",
    **dict.fromkeys(("Clock", "clock"), "clocks"),
    **dict.fromkeys(("Drained", "DrainedJob"), "drained"),
    "JobsTestCase": "case",
    **dict.fromkeys(("enqueued", "enqueued_sync"), "assertions"),
    **dict.fromkeys(("assert_enqueued", "assert_enqueued_sync"), "assertions"),
    **dict.fromkeys(("drain", "drain_sync"), "draining"),
    **dict.fromkeys(("make", "make_sync", "set_defaults"), "factory"),
}


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    full = module if "." in module else f"{__name__}.{module}"
    value: object = getattr(importlib.import_module(full), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
