"""One program that a development session keeps running, and starts again for new code."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

from jobgen.dev.console import Console
from jobgen.dev.guard import Guard
from jobgen.dev.placeholder import Placeholder
from jobgen.dev.run import Program, RunningProgram
from jobgen.dev.startup_errors import StartupErrors

FIRST_DELAY = 1.0
LONGEST_DELAY = 30.0
"""Seconds until a program that has crashed is started again; the delay doubles each time."""


class Service:
    """Keeps a program running.

    A program that ends before it has started, because its code cannot be imported, is started
    again when the code changes. One that ends later is started again after a while.
    """

    def __init__(
        self,
        program: Program,
        console: Console,
        guard: Guard,
        errors: StartupErrors,
        placeholder: Placeholder | None = None,
    ) -> None:
        """Prepare to run the program; `placeholder` answers for it while it does not run."""
        self._program = program
        self._console = console
        self._guard = guard
        self._errors = errors
        self._placeholder = placeholder
        self._current: RunningProgram | None = None
        self._runs: set[RunningProgram] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._crash: asyncio.TimerHandle | None = None
        self._delay = FIRST_DELAY

    def start(self) -> None:
        """Start the program. An older process of it may go on until its jobs have ended."""
        self._forget_crash()
        if self._placeholder is not None:
            self._placeholder.close()
        older = self._current
        try:
            self._current = run = RunningProgram(self._program, self._console, self._errors)
        except OSError as error:
            what = f"The {self._program.name} cannot start"
            self._console.say(f"error: {what}: {self._program.command[0]}: {error.strerror}.")
            self._current = None
        else:
            self._guard.started(run.pid)
            self._runs.add(run)
            self._keep(self._watch(run))
        if older is not None:
            self._keep(older.end())

    async def stop(self) -> None:
        """End all processes of the program."""
        self._forget_crash()
        if self._placeholder is not None:
            self._placeholder.close()
        self._current = None
        for run in list(self._runs):
            self._keep(run.end())
        while self._tasks:
            await asyncio.wait(self._tasks)

    def kill(self) -> None:
        """Kill all processes of the program; `stop` then returns at once."""
        for run in self._runs:
            run.kill()

    def _keep(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watch(self, run: RunningProgram) -> None:
        code = await run.exit_code
        self._guard.ended(run.pid)
        self._runs.discard(run)
        if run is not self._current:
            return  # It was asked to end.
        self._current = None
        if self._placeholder is not None:
            self._placeholder.open()
        name, ended = self._program.name, describe_exit(code)
        if run.is_idle:
            self._console.say(
                f"The {name} has nothing to run yet: it starts when a file has changed."
            )
        elif run.is_ready:
            self._console.say(f"The {name} {ended}: it starts again in {self._delay:g} s.")
            self._crash = asyncio.get_running_loop().call_later(self._delay, self._restart)
        else:
            self._console.say(f"The {name} {ended}: it starts again when a file has changed.")

    def _restart(self) -> None:
        delay = min(2 * self._delay, LONGEST_DELAY)
        self.start()
        self._delay = delay

    def _forget_crash(self) -> None:
        if self._crash is not None:
            self._crash.cancel()
        self._crash, self._delay = None, FIRST_DELAY


def describe_exit(code: int) -> str:
    """Return how a process has ended, as the end of a sentence."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
