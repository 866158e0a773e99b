"""Run one attempt of a job and report its outcome as a value; without SQL."""

from __future__ import annotations

from jobgen_runtime.executor.deadline import Deadline
from jobgen_runtime.executor.execution import Execution
from jobgen_runtime.executor.exits import (
    disarm_hooks_and_timers,
    discard_broken_output,
    exit_now,
)
from jobgen_runtime.executor.forks import (
    exit_fork,
    guard_loop,
    guard_process,
    guard_signals,
    hide_from_forks,
    is_fork,
)
from jobgen_runtime.executor.log_context import log_as
from jobgen_runtime.executor.loop_watch import LoopWatch
from jobgen_runtime.executor.process import ProcessRunner
from jobgen_runtime.executor.quarantine import QuarantineRunner
from jobgen_runtime.executor.runners import AsyncRunner, Runner, ThreadRunner
from jobgen_runtime.executor.spawning import sigusr1_blocked
from jobgen_runtime.executor.tasks import start_own_task
from jobgen_runtime.executor.variables import variables_factory

__all__ = [
    "AsyncRunner",
    "Deadline",
    "Execution",
    "LoopWatch",
    "ProcessRunner",
    "QuarantineRunner",
    "Runner",
    "ThreadRunner",
    "disarm_hooks_and_timers",
    "discard_broken_output",
    "exit_fork",
    "exit_now",
    "guard_loop",
    "guard_process",
    "guard_signals",
    "hide_from_forks",
    "is_fork",
    "log_as",
    "sigusr1_blocked",
    "start_own_task",
    "variables_factory",
]
