"""A dashboard under test: an application, its database, and an HTTP client."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import httpx
import psycopg
from jobgen_runtime.dashboard import JobsDashboard, NoAuth
from jobgen_runtime.database import runtime_schema
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Message

from tests.support.schema import job_columns

CONTROL_COLUMNS = job_columns()

INDEXES = (
    (
        "CREATE INDEX ON {} (run_at, id) WHERE"
        " status IN ('job_status_not_started', 'job_status_retry')"
    ),
    "CREATE INDEX ON {} (locked_by) WHERE status = 'job_status_running'",
    (
        "CREATE INDEX ON {} (id) INCLUDE (status) WHERE"
        " status IN ('job_status_failed', 'job_status_timed_out')"
    ),
)


MakeSite = Callable[..., "DashboardSite"]
"""Create a dashboard at /jobs with JobsDashboard's options."""


class Database:
    """The database behind a dashboard, as its user sees it: one schema of a server."""

    def __init__(
        self, conninfo: str, schema: str, conn: psycopg.Connection[dict[str, Any]]
    ) -> None:
        self.schema = schema
        self._server = conninfo
        self.conninfo = self.address(search_path=schema)
        self._conn = conn

    def address(self, **settings: str) -> str:
        """Return the conninfo with further settings."""
        settings = {"search_path": self.schema, **settings}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        return make_conninfo(self._server, options=options)

    def run(self, statement: str, *values: object) -> list[dict[str, Any]]:
        """Run a statement and return its rows, if any."""
        cursor = self._conn.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []

    def job_table(self, name: str, *columns: str, schema: str | None = None) -> None:
        """Create a job table with the indexes that jobgen writes."""
        table = self._table(name, schema)
        self.run(f"CREATE TABLE {table} ({', '.join([CONTROL_COLUMNS, *columns])})")
        for index in INDEXES:
            self.run(index.format(table))

    def insert(self, table: str, /, schema: str | None = None, **values: object) -> str:
        """Insert a row and return its id; `status` comes without the prefix "job_status_"."""
        if "status" in values:
            values["status"] = f"job_status_{values['status']}"
        given = ", ".join(_quoted(name) for name in values)
        places = ", ".join(["%s"] * len(values))
        row = f"({given}) VALUES ({places})" if values else "DEFAULT VALUES"
        rows = self.run(
            f"INSERT INTO {self._table(table, schema)} {row} RETURNING id::text",
            *values.values(),
        )
        return str(rows[0]["id"])

    def rows(self, table: str, *, schema: str | None = None) -> list[dict[str, Any]]:
        """Return all rows of a table."""
        return self.run(f"TABLE {self._table(table, schema)}")

    def job(self, table: str, job_id: str, *, schema: str | None = None) -> dict[str, Any] | None:
        """Return a row; None if it is gone."""
        rows = [row for row in self.rows(table, schema=schema) if str(row["id"]) == job_id]
        return rows[0] if rows else None

    def _table(self, name: str, schema: str | None) -> str:
        return f"{_quoted(schema or self.schema)}.{_quoted(name)}"


def connect(conninfo: str) -> psycopg.Connection[dict[str, Any]]:
    """Return a connection for a `Database`. It prepares nothing: tests change their tables."""
    return psycopg.connect(conninfo, autocommit=True, row_factory=dict_row, prepare_threshold=None)


class Shops:
    """A database with a schema for each shop, which takes less time than a database for each.

    Half of the time of a new shop would be that of a new connection, which has to read the
    catalogs. So the connection of a shop that has been dropped is kept for the next one.
    """

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._kept: psycopg.Connection[dict[str, Any]] | None = None

    @contextmanager
    def new(self) -> Iterator[Database]:
        """Create a schema with the runtime's objects and no job table, and drop it at the end."""
        conn, self._kept = self._kept or connect(self._conninfo), None
        try:
            shop = Database(self._conninfo, f"shop_{uuid.uuid4().hex}", conn)
            shop.run(f"CREATE SCHEMA {shop.schema}")
            shop.run(f"SET search_path TO {shop.schema}")
            shop.run(runtime_schema().replace("%", "%%"))
            yield shop
            shop.run("DISCARD ALL")
            shop.run(f"DROP SCHEMA {shop.schema} CASCADE")
        except BaseException:
            conn.close()
            raise
        self.close()
        self._kept = conn

    def close(self) -> None:
        if self._kept:
            self._kept.close()


def _quoted(name: str) -> str:
    """Quote a name for a statement that may be run with parameters."""
    return sql.Identifier(name).as_string(None).replace("%", "%%")


class Site:
    """An application with a dashboard, called over ASGI. Redirects are not followed."""

    def __init__(
        self, app: ASGIApp, *, root_path: str = "", base_url: str = "http://localhost"
    ) -> None:
        self._runner = asyncio.Runner()
        self._app = app
        transport = httpx.ASGITransport(app=app, root_path=root_path)
        self._client = httpx.AsyncClient(transport=transport, base_url=base_url)

    def request(self, method: str, address: str, **options: Any) -> httpx.Response:
        return self._runner.run(self._client.request(method, address, **options))

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine on the site's event loop."""
        self._runner.run(work)

    def get(self, address: str, **options: Any) -> httpx.Response:
        return self.request("GET", address, **options)

    def post(
        self, address: str, form: Mapping[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        return self.request("POST", address, data=form or {}, **options)

    def status(
        self,
        method: str,
        path: str,
        query: bytes,
        headers: Mapping[str, str],
        *,
        client: str = "127.0.0.1",
    ) -> int:
        """Return the status of a request as no HTTP client would send it, from any address."""
        statuses: list[int] = []

        is_sent = False

        async def receive() -> Message:
            nonlocal is_sent
            if is_sent:
                await asyncio.Event().wait()  # the client does not go away
            is_sent = True
            return {"type": "http.request"}

        async def send(message: Message) -> None:
            statuses.extend([message["status"]] if "status" in message else [])

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query,
            "client": (client, 1),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }

        async def call() -> None:
            await self._app(scope, receive, send)

        self._runner.run(call())
        return statuses[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()


class DashboardSite(Site):
    """A site with one dashboard, mounted at /jobs."""

    def __init__(self, **options: Any) -> None:
        self.dashboard = JobsDashboard(**{"auth": NoAuth(), **options})
        super().__init__(Starlette(routes=[Mount("/jobs", self.dashboard)]))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._runner.run(self.dashboard.close())
        super().__exit__(kind, error, trace)
