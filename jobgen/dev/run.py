"""One process of a program, from its start until its whole process group is gone."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from jobgen.dev.console import Console
from jobgen.dev.guard import GRACE_SECONDS
from jobgen.dev.startup_errors import StartupErrors, StartupOutput


@dataclass(frozen=True, slots=True)
class Program:
    """A program to run.

    Attributes:
        label: Its name in the log.
        command: Its path and arguments.
        folder: The folder to run it in.
        environment: Its whole environment.
        ready: A text in the line by which it reports that it has started.
        idle: A text in the line by which it reports that it has nothing to do; None if it always
            has something.
        descriptors: The open files that it inherits.
    """

    label: str
    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    ready: str
    idle: str | None = None
    descriptors: Sequence[int] = ()

    @property
    def name(self) -> str:
        """Return what messages call the program."""
        return {"web": "web application", "ide": "IDE page"}.get(self.label, self.label)


class RunningProgram:
    """A running process, which leads its own process group and its own session.

    So Ctrl-C at the terminal does not reach it: the development session ends it in good order.

    Attributes:
        pid: Its process id.
        exit_code: A future of its exit code, negative for a signal. Nothing is left then of the
            group.
        is_ready: Whether it has reported that it has started.
        is_idle: Whether it has reported that it has nothing to do.
    """

    def __init__(self, program: Program, console: Console, errors: StartupErrors) -> None:
        """Start the process, and write its lines to the console.

        Raises:
            OSError: The program cannot be started.
        """
        self._program = program
        self._console = console
        self._loop = asyncio.get_running_loop()
        self._process = subprocess.Popen(
            program.command,
            cwd=program.folder,
            env=dict(program.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=tuple(program.descriptors),
            start_new_session=True,
        )
        self.pid = self._process.pid
        self.is_ready = self.is_idle = False
        self._startup = StartupOutput(program.folder, errors)
        self.exit_code: asyncio.Future[int] = self._loop.create_future()
        self._output = Thread(target=self._forward, daemon=True)
        self._output.start()
        Thread(target=self._wait, daemon=True).start()

    async def end(self) -> None:
        """Ask the process to end, and kill its group if it takes too long."""
        if not self.exit_code.done():
            with suppress(ProcessLookupError):
                # To the process alone: as long as it lives, it ends its own children.
                os.kill(self.pid, signal.SIGTERM)
        done, _ = await asyncio.wait([self.exit_code], timeout=GRACE_SECONDS + 1)
        if not done:
            self._console.say(f"The {self._program.name} did not end in time: killed.")
            self.kill()
        await self.exit_code

    def kill(self) -> None:
        """Kill the process and all of its group."""
        if not self.exit_code.done():
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def _forward(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 -- it was asked for
        for line in self._process.stdout:
            text = line.decode(errors="replace").rstrip("\r\n")
            self._show([text] if self.is_ready else self._startup.lines(text))
            self.is_ready = self.is_ready or self._program.ready in text
            self.is_idle = self.is_idle or (self._program.idle or "\n") in text
        self._show(self._startup.rest())

    def _show(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._console.line(self._program.label, line)

    def _wait(self) -> None:
        # The process id stays taken until `wait`, so that no other group can have it.
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        code = self._process.wait()
        self._output.join()
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._finish, code)

    def _finish(self, code: int) -> None:
        if not self.exit_code.done():
            self.exit_code.set_result(code)
