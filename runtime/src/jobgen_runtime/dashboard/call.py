"""One request on its way to an action."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request

from jobgen_runtime.dashboard.addresses import Addresses
from jobgen_runtime.dashboard.connections import STATEMENT_TIMEOUT, Session
from jobgen_runtime.dashboard.context import Context
from jobgen_runtime.dashboard.discovery import JobTable, discover
from jobgen_runtime.dashboard.parameters import Parameters, RequestRefused, uuid
from jobgen_runtime.dashboard.registry import Display, Registry


@dataclass(frozen=True)
class Call:
    """A request that was let in, with its parameters read and a transaction begun."""

    request: Request
    addresses: Addresses
    parameters: Parameters
    session: Session
    registry: Registry
    page_size: int

    async def tables(self) -> list[JobTable]:
        """Every job table, the listed ones first."""
        found = await discover(self.session.conn, self.registry.qualified_tables)
        return self.registry.ordered(list(found.values()))

    async def table(self) -> JobTable:
        """The table that `tableName` names: one of the discovered, else RequestRefused (404)."""
        key = self.parameters.required("tableName", str)
        found = await discover(self.session.conn, self.registry.qualified_tables)
        if key not in found:
            raise RequestRefused(404, "There is no job table of this name.")
        return found[key]

    def job_id(self) -> UUID:
        """The job that `id` names, whether it exists or not."""
        return self.parameters.required("id", uuid)

    def display(self, table: JobTable) -> Display:
        return self.registry.display(table)

    def context(self, table: JobTable) -> Context:
        """What the table's views get."""
        return Context(
            request=self.request,
            conn=self.session.conn,
            addresses=self.addresses,
            parameters=self.parameters,
            now=self.session.now,
            table=table,
            statement_timeout=STATEMENT_TIMEOUT,
            max_attempts=self.display(table).max_attempts,
        )
