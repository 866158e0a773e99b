"""Connections of SQLAlchemy and Django to a test's database, one for each driver."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import NullPool

DRIVERS = ("psycopg", "psycopg2", "async psycopg", "async asyncpg")
"""The drivers of SQLAlchemy, and whether the engine is asynchronous."""


class Base(DeclarativeBase):
    """The application's models."""


class Customer(Base):
    """A customer, as the application maps it."""

    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def make_engine(url: str, driver: str, **options: Any) -> sqlalchemy.Engine:
    """Return an engine whose connections are closed once they are returned."""
    return sqlalchemy.create_engine(
        f"postgresql+{driver}://",
        poolclass=NullPool,
        connect_args=connect_arguments(url),
        **options,
    )


def make_async_engine(url: str, driver: str, **options: Any) -> AsyncEngine:
    """Return an asynchronous engine whose connections are closed once they are returned."""
    arguments = connect_arguments(url)
    if driver == "asyncpg":
        arguments["database"] = arguments.pop("dbname")
        arguments["port"] = int(arguments["port"])
    return create_async_engine(
        f"postgresql+{driver}://", poolclass=NullPool, connect_args=arguments, **options
    )


def connect_arguments(url: str) -> dict[str, Any]:
    """Return the arguments of psycopg's and psycopg2's `connect`."""
    found = conninfo_to_dict(url)
    return {name: found[name] for name in ("host", "port", "user", "dbname")}


@dataclass(frozen=True)
class Caller:
    """An open session, and what calls the methods of records with it, asynchronously or not."""

    session: Any
    is_async: bool

    async def call(self, target: Any, method: str, *arguments: Any, **values: Any) -> Any:
        """Call a method whose connection is the first argument."""
        return await self._run(target, method, self.session, *arguments, **values)

    async def call_last(self, target: Any, method: str, *arguments: Any) -> Any:
        """Call a method whose connection is the argument `conn`."""
        return await self._run(target, method, *arguments, conn=self.session)

    async def do(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a method of the session, and await its result if it is a coroutine."""
        result = function(*arguments)
        return await result if inspect.isawaitable(result) else result

    async def commit(self) -> None:
        """Commit the session's transaction."""
        await self.do(self.session.commit)

    async def rollback(self) -> None:
        """Roll back the session's transaction."""
        await self.do(self.session.rollback)

    async def _run(self, target: Any, method: str, *arguments: Any, **more: Any) -> Any:
        function = getattr(target, method if self.is_async else f"{method}_sync")
        return await self.do(lambda: function(*arguments, **more))


@asynccontextmanager
async def open_session(url: str, driver: str, **options: Any) -> AsyncIterator[Caller]:
    """Open a session over one of DRIVERS; `options` are those of the engine."""
    if driver.startswith("async "):
        engine = make_async_engine(url, driver.removeprefix("async "), **options)
        async with AsyncSession(engine) as session:
            yield Caller(session, is_async=True)
        await engine.dispose()
    else:
        with Session(make_engine(url, driver, **options)) as opened:
            yield Caller(opened, is_async=False)
