"""Start commands of this virtual environment without importing their modules each time.

Imports are most of a command's start, and the suite starts a thousand workers. Where the system
allows it, a process is therefore forked from one that has executed the imports of the command's
script (`fork_server.py`). From there on it is a process like any other, with the script as its
`__main__`, and its own arguments, folder, environment, standard files, parent and exit code. So is
a script of Python whose caller says what it imports.

Set JOBGEN_TEST_FULL_STARTS to start every process from scratch.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

from tests.support.fork_client import ForkedProcess, ForkServer

BIN = Path(sys.executable).parent
"""The folder of the commands of this virtual environment."""

_READ_AT_START = ("PYTHON", "LANG", "LC_", "PSYCOPG_")
"""How the names of variables begin that act before a command's `main`."""

_NEEDS_FULL_START = ("PYTHONPATH", "PYTHONHOME", "LD_", "FAKETIME", "MALLOC_")
"""The same of variables with which a process must not be forked unless they are pytest's own."""

_LATE_IMPORTS = {
    "alembic": ("alembic.autogenerate", "sqlalchemy.dialects.postgresql.psycopg"),
    "flask": ("flask", "flask_sqlalchemy", "jobgen_runtime.dashboard"),
    "run-jobs": ("uvloop",),
    "jobgen": (
        *("jobgen.cli.generators", "jobgen.cli.prompts", "jobgen.cli.report", "jobgen.cli.undo"),
        *("jobgen.cli.migrate", "jobgen.generate.destroy_job", "jobgen.generate.destroy_script"),
        *("jobgen.generate.init", "jobgen.generate.job", "jobgen.generate.new"),
        *("jobgen.generate.script", "jobgen.generate.types", "copier"),
    ),
}
"""What most processes of a command import after their start."""


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
    return _shared_server(script, modules, read_at_start)


@cache
def _script_server(
    modules: tuple[str, ...],
    options: tuple[str, ...],
    read_at_start: tuple[tuple[str, str], ...],
    _owner: int,
) -> ForkServer:
    """Return the fork server of scripts that import these modules."""
    return _shared_server(Path(sys.executable), modules, read_at_start, options)


def _shared_server(
    script: Path,
    modules: tuple[str, ...],
    read_at_start: tuple[tuple[str, str], ...],
    options: tuple[str, ...] = (),
) -> ForkServer:
    """Return a server that all processes of pytest in this run share, as its imports take long."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    kind = repr((script, modules, read_at_start, options)).encode()
    name = f"{run}-{hashlib.sha256(kind).hexdigest()[:32]}" if run else None
    return ForkServer(script, modules, _server_environment(read_at_start), options, name=name)
