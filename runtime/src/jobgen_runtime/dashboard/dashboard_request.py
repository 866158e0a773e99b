"""One authenticated request, as the actions see it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request

from jobgen_runtime.dashboard.addresses import Addresses
from jobgen_runtime.dashboard.connections import Session
from jobgen_runtime.dashboard.discovery import JobTable, discover
from jobgen_runtime.dashboard.parameters import Parameters, RequestRefused, uuid
from jobgen_runtime.dashboard.table_displays import TableDisplay, TableDisplays
from jobgen_runtime.dashboard.view import ViewContext


@dataclass(frozen=True)
class DashboardRequest:
    """A request that passed authentication, with its parameters and an open transaction."""

    request: Request
    addresses: Addresses
    parameters: Parameters
    session: Session
    displays: TableDisplays
    page_size: int

    async def tables(self) -> list[JobTable]:
        """Return every job table, those listed in `jobs=[…]` first."""
        found = await discover(self.session.conn, self.displays.qualified_tables)
        return self.displays.ordered(list(found.values()))

    async def table(self) -> JobTable:
        """Return the table that the parameter `tableName` names.

        Raises:
            RequestRefused: The parameter is missing (400), or names no job table (404).
        """
        key = self.parameters.required("tableName", str)
        found = await discover(self.session.conn, self.displays.qualified_tables)
        if key not in found:
            raise RequestRefused(404, "There is no job table of this name.")
        return found[key]

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
            max_attempts=self.display(table).max_attempts,
        )
