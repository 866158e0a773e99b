"""A development session: everything that `jobgen dev` starts, until it is asked to end."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from jobgen_runtime.project import environment_database_url
from watchfiles import DefaultFilter, awatch

from jobgen.dev.changes import Contents, is_ignored
from jobgen.dev.console import Console
from jobgen.dev.guard import Guard
from jobgen.dev.instance import Instance, only_session
from jobgen.dev.placeholder import Placeholder
from jobgen.dev.run import GRACE_SECONDS, Program
from jobgen.dev.schema import SchemaUpdates
from jobgen.dev.service import Service
from jobgen.dev.web import DEFAULT_PORT, free_socket, web_server, web_target
from jobgen.errors import JobgenError
from jobgen.postgres import Server
from jobgen.project import Project, find_project
from jobgen.project.programs import find_program

_DEBOUNCE_MS = 50
"""Files that are saved within this time of each other are one change."""

_SERVER_POLL_SECONDS = 2.0
"""Seconds between two looks at the project's own server."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """The parts that a session starts."""

    web: bool = True
    worker: bool = True
    port: int = DEFAULT_PORT
    opened: Callable[[str], object] | None = None
    """Called with the address of the web application once it is known; None for nothing."""


def run_session(project: Project, options: SessionOptions, console: Console) -> None:
    """Run a session until a signal ends it.

    Raises:
        JobgenError: It cannot start: another one runs, there is no database, or a program is
            missing.
    """
    with only_session(project.root) as instance:
        guard = Guard(project.root, instance.lock)
        try:
            asyncio.run(_Session(project, options, console, guard, instance).run())
        except ExceptionGroup as group:  # one of the session's tasks has failed
            raise group.exceptions[0] from None
        finally:
            guard.close()


@dataclass
class _Session:
    project: Project
    options: SessionOptions
    console: Console
    guard: Guard
    instance: Instance
    services: list[Service] = field(default_factory=list)
    sockets: list[socket.socket] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    saved: asyncio.Queue[set[Path] | None] = field(default_factory=asyncio.Queue)

    async def run(self) -> None:
        self._handle_signals()
        if url := environment_database_url():
            await self._run_with_database(url, None)
            return
        server = Server(self.project.root)
        is_own = not server.status().running
        if is_own:
            self.guard.server_started()
            self.console.say("Starting PostgreSQL ...")
        try:
            await self._run_with_database(await asyncio.to_thread(server.start), server)
        finally:
            if is_own:
                await asyncio.to_thread(server.stop)

    async def _run_with_database(self, url: str, server: Server | None) -> None:
        updates = SchemaUpdates(self.project, url, self.console)
        contents = Contents(self.project)
        try:
            self._prepare()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._watch())
                # The watch begins before anything is read: what is saved from then on is noticed.
                await asyncio.sleep(0)
                await self._update(updates, contents)
                if not self.ended.is_set():
                    self._restart()
                    group.create_task(self._start_scratch_server(updates))
                    if server is not None:
                        group.create_task(self._keep_running(server))
                    await self._follow(updates, contents)
        finally:
            self.console.say("Ending ...")
            await self._stop()
            updates.close()

    def _handle_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._on_signal)

    def _on_signal(self) -> None:
        if self.ended.is_set():
            for service in self.services:
                service.kill()
        self.ended.set()

    def _prepare(self) -> None:
        """Find the programs, and print the addresses."""
        environment = self._environment()
        addresses: dict[str, str] = {}
        target = web_target(self.project) if self.options.web else None
        if target is not None:
            listening = free_socket(self.options.port)
            self.sockets.append(listening)
            served = web_server(self.project, target, listening, environment)
            self._add(served.program, served.placeholder)
            addresses["web"] = served.url
            taken = self.options.port != listening_port(served.url)
            note = f" (port {self.options.port} is taken)" if taken else ""
            self.console.say(f"web application: {served.url}{note}")
            if "JOBS_USER" not in os.environ and "JOBS_PASSWORD" not in os.environ:
                password = environment["JOBS_PASSWORD"]
                self.console.say(f"dashboard, where it is mounted: user dev, password {password}")
        elif self.options.web:
            self.console.say(
                'No web application: name it in pyproject.toml, [tool.jobgen] web = "module:app" if'
                ' it is an ASGI application, else web = "command …"; see docs/development.md.'
            )
        if self.options.worker:
            command = [str(find_program(self.project.root, "run-jobs")), "--wait-for-schema"]
            command += ["--grace", f"{GRACE_SECONDS:g}"]
            self._add(Program("worker", command, self.project.root, environment, ready="ready:"))
        self.instance.write_addresses(addresses)
        if self.options.opened is not None and "web" in addresses:
            self.options.opened(addresses["web"])

    def _add(self, program: Program, placeholder: Placeholder | None = None) -> None:
        self.services.append(Service(program, self.console, self.guard, placeholder))

    def _environment(self) -> dict[str, str]:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        if "JOBS_USER" not in environment and "JOBS_PASSWORD" not in environment:
            password = _dashboard_password(self.project.root)
            environment |= {"JOBS_USER": "dev", "JOBS_PASSWORD": password}
        return environment

    async def _update(self, updates: SchemaUpdates, contents: Contents) -> bool:
        """Update records and database; return whether the records have changed."""
        types = self.project.root / updates.types_path
        before = _read(types)
        await asyncio.to_thread(updates.update)
        contents.read([updates.types_path])
        return _read(types) != before

    async def _follow(self, updates: SchemaUpdates, contents: Contents) -> None:
        while (paths := await self.saved.get()) is not None:
            changes = contents.changes(paths)
            if changes.settings and not await self._reload():
                continue
            has_changed = changes.schema and await self._update(updates, contents)
            if changes.code or has_changed:
                self.console.say("Files have changed: starting again.")
            if changes.code or has_changed or changes.settings:
                self._restart()

    async def _start_scratch_server(self, updates: SchemaUpdates) -> None:
        try:
            await asyncio.to_thread(updates.start_scratch_server)
        except JobgenError as error:  # each update then starts one for itself
            self.console.say(f"error: {error.message}")

    async def _keep_running(self, server: Server) -> None:
        """Start the project's server again if it has died; the worker reconnects by itself."""
        while not await self._has_ended(_SERVER_POLL_SECONDS):
            try:
                if not (await asyncio.to_thread(server.status)).running:
                    self.console.say("PostgreSQL has ended: starting it again.")
                    await asyncio.to_thread(server.start)
            except JobgenError as error:
                self.console.say(f"error: {error.message}")

    async def _has_ended(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.ended.wait(), seconds)
        return self.ended.is_set()

    async def _watch(self) -> None:
        """Queue the files that are saved, and None at the end of the session."""
        root = self.project.root.resolve()
        async for found in awatch(
            root, watch_filter=_Filter(root), step=_DEBOUNCE_MS, stop_event=self.ended
        ):
            self.saved.put_nowait({Path(path) for _, path in found})
        self.saved.put_nowait(None)

    async def _stop(self) -> None:
        await asyncio.gather(*(service.stop() for service in self.services))
        for each in self.sockets:
            each.close()
        self.services, self.sockets = [], []

    def _restart(self) -> None:
        for service in self.services:
            service.start()

    async def _reload(self) -> bool:
        """Prepare everything again for a new pyproject.toml; return False if it has an error."""
        try:
            self.project = find_project(self.project.root)
            self.console.say("pyproject.toml has changed: starting again.")
            await self._stop()
            self._prepare()
        except JobgenError as error:
            self.console.say(f"error: {error.message}")
            return False
        return True


class _Filter(DefaultFilter):
    """Leaves out files that do not belong to the project."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self._root = root

    def __call__(self, _change: object, path: str) -> bool:
        found = Path(path)
        if not found.is_relative_to(self._root) or is_ignored(found.relative_to(self._root)):
            return False
        return found.suffix in {".py", ".sql", ".toml"}


def listening_port(url: str) -> int:
    """Return the port of an address like `http://127.0.0.1:8000`."""
    return int(url.rsplit(":", 1)[1])


def _dashboard_password(root: Path) -> str:
    """Return the project's password of the dashboard in development, made at its first use."""
    path = root / ".jobgen" / "dashboard_password"
    with suppress(FileNotFoundError):
        return path.read_text().strip()
    password = secrets.token_urlsafe(9)
    path.touch(mode=0o600)
    path.write_text(password + "\n")
    return password


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
