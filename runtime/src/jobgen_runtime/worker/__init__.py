"""Claims what is due, runs it, and writes how it ended."""

from __future__ import annotations

from jobgen_runtime.worker.worker import Worker

__all__ = ["Worker"]
