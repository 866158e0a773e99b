"""The systems, one file each, imported when they are used."""

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
"""All systems that can be compared, in the order of the table."""


def system(name: str) -> System:
    """Return the system with this name."""
    module = import_module(f"benchmarks.queues.systems.{name.replace('-', '_')}")
    found: System = module.SYSTEM
    return found
