"""A development session: everything that `jobgen dev` starts, until it is asked to end."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from jobgen_runtime.project import environment_database_url

from jobgen.dev.changes import Changes, Contents
from jobgen.dev.console import Console
from jobgen.dev.guard import Guard
from jobgen.dev.ide import IdePage
from jobgen.dev.instance import Instance, only_session
from jobgen.dev.schema import SchemaUpdates
from jobgen.dev.services import Services, SessionOptions
from jobgen.dev.watch import SavedFiles
from jobgen.errors import JobgenError
from jobgen.postgres import Server
from jobgen.project import Project, find_project

_POLL_SECONDS = 2.0
"""Seconds between two looks at a database that does not answer, and at the project's own server."""

_WRITING_SECONDS = 0.25
"""Seconds without a change after which Schema.sql counts as saved: half of it must not be run."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_session(project: Project, options: SessionOptions, console: Console) -> None:
    """Run a session until a signal ends it.

    Raises:
        JobgenError: It cannot start: another one runs, there is no database, or a program is
            missing.
    """
    with only_session(project.root) as instance:
        guard = Guard(project.root, instance.lock)
        try:
            services = Services(options, console, guard)
            saved = SavedFiles(project.root)
            session = _Session(project, options, services, console, guard, instance, saved)
            asyncio.run(session.run())
        except ExceptionGroup as group:  # one of the session's tasks has failed
            raise group.exceptions[0] from None
        finally:
            guard.close()


@dataclass
class _Session:
    project: Project
    options: SessionOptions
    services: Services
    console: Console
    guard: Guard
    instance: Instance
    saved: SavedFiles
    page: IdePage | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        self._handle_signals()
        try:
            if self.options.ide:
                self._serve_page()
            await self._run()
        finally:
            if self.page is not None:
                await self.page.stop()

    async def _run(self) -> None:
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
            addresses = self._prepare(url)
            if self.options.opened is not None and addresses:
                self.options.opened(addresses.get("web") or addresses["IDE page"])
            async with asyncio.TaskGroup() as group:
                group.create_task(self.saved.watch(self.ended))
                # The watch begins before anything is read: what is saved from then on is noticed.
                await asyncio.sleep(0)
                await self._update(updates, contents)
                if not self.ended.is_set():
                    self.services.restart()
                    group.create_task(self._start_scratch_server(updates))
                    if server is not None:
                        group.create_task(self._keep_running(server))
                    await self._follow(updates, contents)
        finally:
            self.console.say("Ending ...")
            await self.services.stop()
            updates.close()

    def _handle_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._on_signal)

    def _on_signal(self) -> None:
        if self.ended.is_set():
            self.services.kill()
            if self.page is not None:
                self.page.kill()
        self.ended.set()

    def _serve_page(self) -> None:
        self.page = IdePage(self.project.root, self.console, self.guard)
        self.console.say(f"IDE page: {self.page.address}")
        self.page.start()

    def _prepare(self, database_url: str) -> dict[str, str]:
        """Prepare the programs that run the project's code, and return all addresses by name."""
        addresses = self.services.prepare(self.project, database_url)
        if self.page is not None:
            addresses["IDE page"] = self.page.address
        self.instance.write_addresses(addresses)
        return addresses

    async def _update(self, updates: SchemaUpdates, contents: Contents) -> bool:
        """Update records and database; return whether the records have changed."""
        types = self.project.root / updates.types_path
        before = _read(types)
        await asyncio.to_thread(updates.update)
        contents.read([updates.types_path])
        return _read(types) != before

    async def _follow(self, updates: SchemaUpdates, contents: Contents) -> None:
        while (paths := await self._next_saved(updates)) is not None:
            if contents.concern_schema(paths):
                paths |= await self.saved.until_quiet(_WRITING_SECONDS)
            changes = contents.changes(paths) if paths else Changes(schema=True)
            if changes.settings:
                if not await self._reload(updates.url):
                    continue
                updates.project = contents.project = self.project
            is_due = changes.schema or changes.settings
            has_changed = is_due and await self._update(updates, contents)
            if changes.code or has_changed:
                self.console.say("Files have changed: starting again.")
            if changes.code or has_changed or changes.settings:
                self.services.restart()

    async def _next_saved(self, updates: SchemaUpdates) -> set[Path] | None:
        """Return the next saved files: none when a held up update is due again; None at the end."""
        seconds = _POLL_SECONDS if updates.is_held_up else None
        try:
            return await asyncio.wait_for(self.saved.get(), seconds)
        except TimeoutError:
            return set()

    async def _start_scratch_server(self, updates: SchemaUpdates) -> None:
        try:
            await asyncio.to_thread(updates.start_scratch_server)
        except JobgenError as error:  # each update then starts one for itself
            self.console.say_error(error)

    async def _keep_running(self, server: Server) -> None:
        """Start the project's server again if it has died; the worker reconnects by itself."""
        while not await self._has_ended(_POLL_SECONDS):
            try:
                if not (await asyncio.to_thread(server.status)).running:
                    self.console.say("PostgreSQL has ended: starting it again.")
                    await asyncio.to_thread(server.start)
            except JobgenError as error:
                self.console.say_error(error)

    async def _has_ended(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.ended.wait(), seconds)
        return self.ended.is_set()

    async def _reload(self, database_url: str) -> bool:
        """Prepare everything again for a new pyproject.toml; return False if it has an error."""
        try:
            self.project = find_project(self.project.root)
            self.console.say("pyproject.toml has changed: starting again.")
            await self.services.stop()
            self._prepare(database_url)
        except JobgenError as error:
            self.console.say_error(error)
            return False
        return True


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
