"""What one request to one table's pages has at hand, and the base of all views."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, overload

from psycopg import AsyncConnection
from starlette.requests import Request

from jobgen_runtime.dashboard.addresses import Addresses
from jobgen_runtime.dashboard.discovery import JobTable
from jobgen_runtime.dashboard.html import Html, time_ago
from jobgen_runtime.dashboard.parameters import Parameters
from jobgen_runtime.dashboard.times import Moment

T = TypeVar("T")


@dataclass(frozen=True)
class Context:
    """One table within one request, inside that request's transaction."""

    request: Request
    conn: AsyncConnection[Any]
    addresses: Addresses
    parameters: Parameters
    now: Moment
    table: JobTable
    statement_timeout: str
    max_attempts: int | None = None
    """How often a worker tries the table's jobs, where the dashboard knows their class."""


class View:
    """What each view can reach: the request, a connection, the addresses of the dashboard."""

    def __init__(self, context: Context) -> None:
        self.context = context

    @property
    def request(self) -> Request:
        """The request that is being answered."""
        return self.context.request

    @property
    def conn(self) -> AsyncConnection[Any]:
        """A connection in a transaction that is committed once the request is answered."""
        return self.context.conn

    @property
    def addresses(self) -> Addresses:
        """The dashboard's addresses, right wherever it is mounted."""
        return self.context.addresses

    @property
    def table_name(self) -> str:
        """What the dashboard's addresses call the job's table (`tableName`)."""
        return self.context.table.key

    @overload
    def param(self, name: str) -> str: ...
    @overload
    def param(self, name: str, convert: Callable[[str], T]) -> T: ...
    def param(self, name: str, convert: Callable[[str], Any] = str) -> Any:
        """A parameter of the form or the address, converted: `self.param("band_id", UUID)`.

        A page says so (400) if it is missing or `convert` raises ValueError.
        """
        return self.context.parameters.required(name, convert)

    def time_ago(self, moment: datetime | None) -> Html:
        """How long ago a moment is, with the moment itself on hover."""
        return time_ago(moment, self.context.now)
