"""Runs one `perform` and says how it ended, as a value. Knows no SQL."""

from __future__ import annotations

from jobgen_runtime.executor.context import about
from jobgen_runtime.executor.deadline import Deadline
from jobgen_runtime.executor.errors import describe
from jobgen_runtime.executor.places import InThread, OnLoop, Place
from jobgen_runtime.executor.process import InProcess
from jobgen_runtime.executor.run import Run

__all__ = [
    "Deadline",
    "InProcess",
    "InThread",
    "OnLoop",
    "Place",
    "Run",
    "about",
    "describe",
]
