"""The web application and the worker of a development session."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from jobgen_runtime.project import environment_database_url

from jobgen.dev.console import Console
from jobgen.dev.guard import GRACE_SECONDS, Guard
from jobgen.dev.placeholder import Placeholder
from jobgen.dev.run import Program
from jobgen.dev.service import Service
from jobgen.dev.startup_errors import StartupErrors
from jobgen.dev.web import DEFAULT_PORT, web_server, web_target
from jobgen.ports import free_socket
from jobgen.project import Project
from jobgen.project.programs import find_program


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """The parts that a session starts."""

    web: bool = True
    worker: bool = True
    ide: bool = True
    port: int = DEFAULT_PORT
    opened: Callable[[str], object] | None = None
    """Called with the address of the web application, or else of the IDE page; None for nothing."""


class Services:
    """Prepares, starts and ends the programs that run the project's code."""

    def __init__(self, options: SessionOptions, console: Console, guard: Guard) -> None:
        """Prepare nothing yet: that is for `prepare`."""
        self._options = options
        self._console = console
        self._guard = guard
        self._errors = StartupErrors()
        self._services: list[Service] = []
        self._sockets: list[socket.socket] = []

    def prepare(self, project: Project, database_url: str) -> dict[str, str]:
        """Find the programs, print their addresses, and return these by name.

        Args:
            project: The project.
            database_url: The database's address. The programs get it as DATABASE_URL, which the
                web application may need for its own tables.

        Raises:
            JobgenError: A program is missing, or no port is free.
        """
        environment = _environment(project.root, database_url)
        addresses: dict[str, str] = {}
        if self._options.web:
            addresses |= self._prepare_web(project, environment)
        if self._options.worker:
            command = [str(find_program(project.root, "run-jobs")), "--wait-for-schema"]
            command += ["--grace", f"{GRACE_SECONDS:g}"]
            program = Program(
                "worker", command, project.root, environment, ready="ready:", idle="lists no jobs"
            )
            self._add(program)
        return addresses

    def restart(self) -> None:
        """Start each program with the code as it is now; what it runs already ends."""
        self._errors.forget()
        for service in self._services:
            service.start()

    async def stop(self) -> None:
        """End all programs, and forget them."""
        await asyncio.gather(*(service.stop() for service in self._services))
        for each in self._sockets:
            each.close()
        self._services, self._sockets = [], []

    def kill(self) -> None:
        """Kill all programs; `stop` then returns at once."""
        for service in self._services:
            service.kill()

    def _prepare_web(self, project: Project, environment: Mapping[str, str]) -> dict[str, str]:
        target, say = web_target(project), self._console.say
        if target is None:
            say(
                'No web application: name it in pyproject.toml, [tool.jobgen] web = "module:app" if'
                ' it is an ASGI application, else web = "command …"; see docs/development.md.'
            )
            return {}
        listening = free_socket(self._options.port)
        self._sockets.append(listening)
        port = listening.getsockname()[1]
        served = web_server(project, target, listening, environment)
        self._add(served.program, served.placeholder)
        taken = port != self._options.port
        note = f" (port {self._options.port} is taken)" if taken else ""
        say(f"web application: {served.url}{note}")
        if "JOBS_USER" not in os.environ and "JOBS_PASSWORD" not in os.environ:
            password = environment["JOBS_PASSWORD"]
            say(f"dashboard, where it is mounted: user dev, password {password}")
        return {"web": served.url}

    def _add(self, program: Program, placeholder: Placeholder | None = None) -> None:
        service = Service(program, self._console, self._guard, self._errors, placeholder)
        self._services.append(service)


def _environment(root: Path, database_url: str) -> dict[str, str]:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    if environment_database_url() is None:
        environment["DATABASE_URL"] = database_url
    if "JOBS_USER" not in environment and "JOBS_PASSWORD" not in environment:
        environment |= {"JOBS_USER": "dev", "JOBS_PASSWORD": _dashboard_password(root)}
    return environment


def _dashboard_password(root: Path) -> str:
    """Return the project's password of the dashboard in development, made at its first use."""
    path = root / ".jobgen" / "dashboard_password"
    with suppress(FileNotFoundError):
        return path.read_text().strip()
    password = secrets.token_urlsafe(9)
    path.touch(mode=0o600)
    path.write_text(password + "\n")
    return password
