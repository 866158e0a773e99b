"""Start commands of this virtual environment without importing their modules each time.

Imports are most of a command's start, and the suite starts a thousand workers. Where the system
allows it, a process is therefore forked from one that has executed the imports of the command's
script (`fork_server.py`). From there on it is a process like any other, with the script as its
`__main__`, and its own arguments, folder, environment, standard files, parent and exit code. So is
a script of Python whose caller says what it imports.

Set JOBGEN_TEST_FULL_STARTS to start every process from scratch.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import IO

from tests.support.fork_server import WORD

BIN = Path(sys.executable).parent
"""The folder of the commands of this virtual environment."""

_READ_AT_START = ("PYTHON", "LANG", "LC_", "PSYCOPG_")
"""How the names of variables begin that act before a command's `main`."""

_NEEDS_FULL_START = ("PYTHONPATH", "PYTHONHOME", "LD_", "FAKETIME", "MALLOC_")
"""The same of variables with which a process must not be forked unless they are pytest's own."""

_LATE_IMPORTS = {
    "alembic": ("alembic.autogenerate", "sqlalchemy.dialects.postgresql.psycopg"),
    "run-jobs": ("uvloop",),
    "jobgen": (
        *("jobgen.cli.generators", "jobgen.cli.prompts", "jobgen.cli.report", "jobgen.cli.undo"),
        *("jobgen.cli.migrate", "jobgen.generate.destroy_job", "jobgen.generate.destroy_script"),
        *("jobgen.generate.init", "jobgen.generate.job", "jobgen.generate.new"),
        *("jobgen.generate.script", "jobgen.generate.types", "copier"),
    ),
}
"""What most processes of a command import after their start."""


class ForkedProcess:
    """A process like a `subprocess.Popen`, whose parent is a fork server.

    Attributes:
        args: The command.
        pid: The process's id.
        returncode: The exit code as in `subprocess`; None before it has been asked for.
        stdout: The read end of the pipe with its output; None if it has no such pipe.
    """

    def __init__(
        self, command: Sequence[str], pid: int, status: int, stdout: IO[str] | None
    ) -> None:
        self.args = list(command)
        self.pid = pid
        self.returncode: int | None = None
        self.stdout = stdout
        self._status = status
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """Return the exit code, or None while the process runs."""
        return self._read(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the exit and return the exit code.

        Raises:
            subprocess.TimeoutExpired: The process still runs after `timeout` seconds.
        """
        code = self._read(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal to the process if it still runs."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM to the process."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL to the process."""
        self.send_signal(signal.SIGKILL)

    def _read(self, timeout: float | None) -> int | None:
        with self._lock:
            if self.returncode is None and select.select([self._status], [], [], timeout)[0]:
                data = os.read(self._status, WORD)
                assert data, f"the fork server of {self.args} has exited"
                os.close(self._status)
                self.returncode = os.waitstatus_to_exitcode(int.from_bytes(data, "little"))
            return self.returncode


class ForkServer:
    """A server that forks the processes of one command."""

    def __init__(
        self,
        script: Path,
        modules: Sequence[str],
        environment: Mapping[str, str],
        options: Sequence[str] = (),
    ) -> None:
        """Start the server.

        Args:
            script: The command's script.
            modules: What its processes have imported when they execute it.
            environment: The variables of the server, of which some act on its processes.
            options: Those of the interpreter, of the server and so of its processes.
        """
        self._channel, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        program = Path(__file__).with_name("fork_server.py")
        with other:
            self._process = subprocess.Popen(
                [sys.executable, *options, program, str(other.fileno()), script.parent, *modules],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,  # like those of most of its processes
                pass_fds=(other.fileno(),),
            )
        assert self._process.stdout is not None
        self._process.stdout.close()
        atexit.register(self.close)

    def start(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> ForkedProcess:
        """Start a command as the function `start` does."""
        read, write = os.pipe()
        try:
            pid, status = self._fork(command, folder, environment, (0, write, write))
        finally:
            os.close(write)
        return ForkedProcess(command, pid, status, os.fdopen(read))

    def run(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        *,
        timeout: float,
        typed: str = "",
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as the function `run` does."""
        with (
            tempfile.TemporaryFile() as given,
            tempfile.TemporaryFile() as output,
            tempfile.TemporaryFile() as errors,
        ):
            given.write(typed.encode())
            given.seek(0)
            standard = (given.fileno(), output.fileno(), errors.fileno())
            pid, status = self._fork(command, folder, environment, standard)
            process = ForkedProcess(command, pid, status, None)
            try:
                code = process.wait(timeout)
            finally:
                process.kill()
                process.wait()
            texts = []
            for file in (output, errors):
                file.seek(0)
                texts.append(file.read().decode())
        return subprocess.CompletedProcess(process.args, code, *texts)

    def close(self) -> None:
        """Stop the server; its processes run on."""
        atexit.unregister(self.close)
        self._channel.close()
        self._process.wait()

    def _fork(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        standard: Sequence[int],
    ) -> tuple[int, int]:
        """Return the id of a new process, and the descriptor from which to read its exit status."""
        message = {"command": command, "folder": str(folder), "environment": dict(environment)}
        status, status_of_server = os.pipe()
        try:
            descriptors = [*standard, status_of_server]
            socket.send_fds(self._channel, [json.dumps(message).encode()], descriptors)
        finally:
            os.close(status_of_server)
        data = os.read(status, WORD)
        assert data, f"the fork server of {command[0]} has exited"
        return int.from_bytes(data, "little"), status


def start(
    command: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> ForkedProcess | subprocess.Popen[str]:
    """Start a command with its output and its errors in one pipe."""
    if server := _server_for(command[0], environment):
        return server.start(command, folder, environment)
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    timeout: float,
    typed: str = "",
    imports: Sequence[str] = (),
) -> subprocess.CompletedProcess[str]:
    """Run a command, and return its output, its errors and its exit code.

    Args:
        command: The path of a program, and its arguments.
        folder: The folder to run it in.
        environment: All of its variables.
        timeout: Seconds until it is killed.
        typed: What it reads from standard input.
        imports: Modules that it imports, if it is this interpreter with `-W` or nothing and a
            script. Without them it is started from scratch.

    Raises:
        subprocess.TimeoutExpired: It still ran after `timeout` seconds, and was killed.
    """
    if imports:
        server, script = _server_for_script(command, environment, imports)
        if server:
            return server.run(script, folder, environment, timeout=timeout, typed=typed)
    elif server := _server_for(command[0], environment):
        return server.run(command, folder, environment, timeout=timeout, typed=typed)
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        input=typed.encode(),
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


def _server_for(command: str, environment: Mapping[str, str]) -> ForkServer | None:
    """Return the fork server for a process; None if it has to be started from scratch."""
    script = Path(command)
    if script.parent != BIN or not _can_fork(environment):
        return None
    return _fork_server(script, _read_at_start(environment), os.getpid())


def _server_for_script(
    command: Sequence[str], environment: Mapping[str, str], modules: Sequence[str]
) -> tuple[ForkServer | None, Sequence[str]]:
    """Return the fork server for a script of Python as `_server_for` does, and its command."""
    interpreter, *rest = command
    options: list[str] = []
    while rest[0] == "-W":
        options += rest[:2]
        rest = rest[2:]
    assert interpreter == sys.executable, command
    assert not rest[0].startswith("-"), command
    if not _can_fork(environment):
        return None, rest
    key = (tuple(modules), tuple(options), _read_at_start(environment))
    return _script_server(*key, os.getpid()), rest


def _can_fork(environment: Mapping[str, str]) -> bool:
    """Return whether a process with these variables may be forked."""
    changed = {name for name, _ in environment.items() ^ os.environ.items()}
    return (
        hasattr(os, "pidfd_open")
        and "JOBGEN_TEST_FULL_STARTS" not in os.environ
        and not any(name.startswith(_NEEDS_FULL_START) for name in changed)
    )


def _read_at_start(environment: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the variables that processes of one server have in common."""
    return tuple(pair for pair in sorted(environment.items()) if pair[0].startswith(_READ_AT_START))


def _server_environment(read_at_start: tuple[tuple[str, str], ...]) -> dict[str, str]:
    others = {
        name: value for name, value in os.environ.items() if not name.startswith(_READ_AT_START)
    }
    return {**others, **dict(read_at_start)}


@cache
def _fork_server(
    script: Path, read_at_start: tuple[tuple[str, str], ...], _owner: int
) -> ForkServer | None:
    """Return the fork server of a script; None if it is not the script of a command.

    A fork of pytest, `_owner`, has separate servers.
    """
    found = entry_points(group="console_scripts", name=script.name)
    module = next((each.module for each in found), None)
    if module is None:
        return None
    modules = (module, *_LATE_IMPORTS.get(script.name, ()))
    return ForkServer(script, modules, _server_environment(read_at_start))


@cache
def _script_server(
    modules: tuple[str, ...],
    options: tuple[str, ...],
    read_at_start: tuple[tuple[str, str], ...],
    _owner: int,
) -> ForkServer:
    """Return the fork server of scripts that import these modules."""
    environment = _server_environment(read_at_start)
    return ForkServer(Path(sys.executable), modules, environment, options)
