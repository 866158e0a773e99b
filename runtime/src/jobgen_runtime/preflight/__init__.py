"""Check before the start whether a database has all that a worker needs, and how to fix it."""

from __future__ import annotations

from jobgen_runtime.preflight.problem import Problem
from jobgen_runtime.preflight.problems import find_problems
from jobgen_runtime.preflight.startup import check_start

__all__ = ["Problem", "check_start", "find_problems"]
