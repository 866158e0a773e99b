"""One authenticated request, as the actions see it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from uuid import UUID

from psycopg.pq import TransactionStatus
from starlette.requests import Request

from jobgen_runtime.dashboard.access.visitor import Right, Visitor
from jobgen_runtime.dashboard.changes.change import Audit, Change, in_brackets
from jobgen_runtime.dashboard.database.connections import Connections, Session
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.database.known_tables import KnownTables
from jobgen_runtime.dashboard.errors.failures import CauseCache
from jobgen_runtime.dashboard.export.export_response import Exports
from jobgen_runtime.dashboard.figures.kept import Kept
from jobgen_runtime.dashboard.views.table_displays import TableDisplay, TableDisplays
from jobgen_runtime.dashboard.views.view import ViewContext
from jobgen_runtime.dashboard.web.addresses import Addresses
from jobgen_runtime.dashboard.web.parameters import Parameters, RequestRefused, uuid

log = logging.getLogger("jobgen.dashboard")

ENDED_BY_AUDIT = (
    "the audit function of the dashboard caught an error of the database, which has ended the "
    "transaction; try statements that may fail in `async with change.conn.transaction()`"
)
NOT_AUDITED = (
    "Nothing was changed, because the application's audit failed. The application's log says why."
)


@dataclass(frozen=True)
class DashboardRequest:
    """A request that passed authentication, with its parameters and an open transaction.

    It hands out no table on which the visitor does not have the right that the action needs.
    """

    request: Request
    visitor: Visitor
    right: Right
    """The right that the action needs."""

    addresses: Addresses
    parameters: Parameters
    session: Session
    connections: Connections
    """Where an answer that is sent for long takes further sessions from."""

    displays: TableDisplays
    page_size: int
    known_tables: KnownTables = field(default_factory=KnownTables)
    kept: Kept = field(default_factory=Kept)
    """What earlier pages have read."""

    field_errors: Mapping[str, str] = field(default_factory=dict)
    """Why the values of the request's form were not accepted, by column."""

    audit: Audit | None = None
    causes: CauseCache = field(default_factory=CauseCache)
    exports: Exports = field(default_factory=Exports)
    changes: list[Change] = field(default_factory=list)
    """What the request has changed, to be logged after the commit."""
    found: dict[str | None, dict[str, JobTable]] = field(default_factory=dict)
    """The job tables that were looked for, by `discover`'s key."""

    async def tables(self) -> list[JobTable]:
        """Return every job table that the visitor may see, those listed in `jobs=[…]` first."""
        found = await self._discover()
        return self.displays.ordered(
            [table for table in found.values() if Right.SEE in self.visitor.rights(table.key)]
        )

    async def missing_tables(self) -> list[str]:
        """Return the tables in `jobs=[…]` that the visitor may see but that do not exist."""
        found = await self._discover()
        missing = self.displays.missing(list(found.values()))
        return [name for name in missing if Right.SEE in self.visitor.rights(name)]

    async def table(self) -> JobTable:
        """Return the table that the parameter `tableName` names.

        Raises:
            RequestRefused: The parameter is missing (400), names no job table that the visitor may
                see (404), or the visitor does not have the right to do this (403).
        """
        key = self.parameters.required("tableName", str)
        found = await self._discover(key)
        rights = self.visitor.rights(key)
        if key not in found or Right.SEE not in rights:
            raise RequestRefused(404, "There is no job table of this name.")
        if self.right not in rights:
            raise RequestRefused(403, f"You may not {self.right.value} jobs of this kind.")
        return found[key]

    async def allowed_tables(self) -> list[JobTable]:
        """Return every job table on which the visitor has the right that the action needs.

        Raises:
            RequestRefused: There is none (403).
        """
        tables = await self.tables()
        allowed = [table for table in tables if self.right in self.visitor.rights(table.key)]
        if not allowed:
            raise RequestRefused(403, f"You may not {self.right.value} any kind of job.")
        return allowed

    async def changed(
        self, table: JobTable, job_id: UUID | None, done: str, *, schedule: str | None = None
    ) -> None:
        """Note that the action has changed something, and let `audit` know.

        Args:
            table: The table of the job or the kind.
            job_id: The job; None for a kind, or if it is not known.
            done: What was done (see `Change`).
            schedule: The name of the schedule that it was done to; None for a job or a kind.

        Raises:
            RequestRefused: `audit` failed, so that the change must not be committed (500).
        """
        change = Change(
            self.visitor,
            self.right,
            done + in_brackets(schedule),
            table.key,
            job_id,
            self.request,
            self.session.conn,
            schedule,
        )
        if self.audit is not None:
            try:
                await self.audit(change)
            except Exception as error:
                log.exception("the audit function of the dashboard failed")
                raise RequestRefused(500, NOT_AUDITED) from error
            # PostgreSQL would answer the COMMIT of such a transaction without an error.
            if self.session.conn.info.transaction_status is TransactionStatus.INERROR:
                log.error(ENDED_BY_AUDIT)
                raise RequestRefused(500, NOT_AUDITED)
        self.changes.append(change)

    async def _discover(self, key: str | None = None) -> dict[str, JobTable]:
        """Return the job tables, or only the one with this key, looked for once in a request."""
        if key not in self.found:
            conn = self.session.conn
            if key is not None:
                self.found[key] = await self.known_tables.one(conn, key)
            else:
                self.found[key] = await self.known_tables.every(conn)
                for name in self.visitor.kinds.keys() - self.found[key].keys():
                    _warn_of_unknown_kind(name)
        return self.found[key]

    def job_id(self) -> UUID:
        """Return the parameter `id`, whether such a job exists or not.

        Raises:
            RequestRefused: The parameter is missing or is not a UUID (400).
        """
        return self.parameters.required("id", uuid)

    def display(self, table: JobTable) -> TableDisplay:
        """Return how a table is displayed."""
        return self.displays.display(table)

    def context(self, table: JobTable) -> ViewContext:
        """Return what the table's views receive."""
        return ViewContext(
            request=self.request,
            conn=self.session.conn,
            addresses=self.addresses,
            parameters=self.parameters,
            now=self.session.now,
            table=table,
            rights=self.visitor.rights(table.key),
            field_errors=self.field_errors,
            max_attempts=self.display(table).max_attempts,
            causes=self.causes,
            kept=self.kept,
        )


@cache
def _warn_of_unknown_kind(name: str) -> None:
    log.warning("a visitor has rights on %r, which is not a job table of this database", name)
