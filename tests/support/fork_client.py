"""Fork servers, and the processes that they fork."""

from __future__ import annotations

import atexit
import errno
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from tests.support.fork_server import WORD


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
    """A connection to a server that forks the processes of one command."""

    def __init__(
        self,
        script: Path,
        modules: Sequence[str],
        environment: Mapping[str, str],
        options: Sequence[str] = (),
        *,
        name: str | None = None,
    ) -> None:
        """Connect to the server, and start it if it does not run.

        Args:
            script: The command's script.
            modules: What its processes have imported when they execute it.
            environment: The variables of the server, of which some act on its processes.
            options: Those of the interpreter, of the server and so of its processes.
            name: What other processes find the server by; None for a server of this process.
        """
        self._process: subprocess.Popen[bytes] | None = None
        self._channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        address = f"\0jobgen-test-fork-server-{name or uuid.uuid4().hex}"
        while not self._connect(address):
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
                try:
                    listener.bind(address)
                except OSError as error:
                    if error.errno != errno.EADDRINUSE:
                        raise
                    continue  # another process has just started the server
                listener.listen()
                self._process = self._start(listener, script, modules, environment, options)
        self._is_shared = name is not None
        atexit.register(self.close)

    def _connect(self, address: str) -> bool:
        try:
            self._channel.connect(address)
        except ConnectionRefusedError:
            return False
        return True

    @staticmethod
    def _start(
        listener: socket.socket,
        script: Path,
        modules: Sequence[str],
        environment: Mapping[str, str],
        options: Sequence[str],
    ) -> subprocess.Popen[bytes]:
        program = Path(__file__).with_name("fork_server.py")
        process = subprocess.Popen(
            [sys.executable, *options, program, str(listener.fileno()), script.parent, *modules],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,  # like those of most of its processes
            pass_fds=(listener.fileno(),),
        )
        assert process.stdout is not None
        process.stdout.close()
        return process

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
        """Stop the server unless others use it; its processes run on."""
        atexit.unregister(self.close)
        self._channel.close()
        if self._process and self._is_shared:
            self._process.returncode = 0  # others end it, so a warning that it runs would be wrong
        elif self._process:
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
