"""The systems, each in a file of its own, imported only when it is asked for."""

from __future__ import annotations

from importlib import import_module

from benchmarks.queues.system import System

NAMES = (
    "jobgen",
    "bare",
    "procrastinate",
    "pgqueuer",
    "chancy",
    "oban",
    "graphile-worker",
    "pg-boss",
)
"""All that can be compared, in the order of the table."""


def system(name: str) -> System:
    """The system of this name."""
    module = import_module(f"benchmarks.queues.systems.{name.replace('-', '_')}")
    found: System = module.SYSTEM
    return found
