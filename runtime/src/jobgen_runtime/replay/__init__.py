"""Run one job in the foreground, in this process: `manage-jobs run`."""

from __future__ import annotations

from jobgen_runtime.replay.attempt import Ending
from jobgen_runtime.replay.debugger import debug
from jobgen_runtime.replay.find_job import FoundJob, find_job
from jobgen_runtime.replay.in_transaction import open_transaction, run_in_transaction
from jobgen_runtime.replay.replay import Replay, replayed_class

__all__ = [
    "Ending",
    "FoundJob",
    "Replay",
    "debug",
    "find_job",
    "open_transaction",
    "replayed_class",
    "run_in_transaction",
]
