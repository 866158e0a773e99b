"""Every form of a connection as type checkers see it; nothing here is run.

mypy checks this file with all others, and test_typing.py has pyright check it. A form that is wrong
has a comment, which both report if the form is accepted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jobgen_runtime import AsyncCallerConnection, CallerConnection

from tests.support.shop_types import Band

if TYPE_CHECKING:
    import psycopg
    from django.db import connection, connections
    from flask_sqlalchemy import SQLAlchemy
    from sqlalchemy import Connection, Engine
    from sqlalchemy.ext.asyncio import (
        AsyncConnection,
        AsyncEngine,
        AsyncSession,
        async_scoped_session,
        async_sessionmaker,
    )
    from sqlalchemy.orm import Session, scoped_session, sessionmaker


async def asynchronous(
    driver: psycopg.AsyncConnection[Any],
    session: AsyncSession,
    scoped: async_scoped_session[AsyncSession],
    conn: AsyncConnection,
    either: AsyncCallerConnection,
) -> None:
    """Pass what the asynchronous methods accept."""
    band = await Band.create(driver, name="x")
    band = await Band.create(session, name="x")
    band = await Band.create(scoped, name="x")
    band = await Band.create(conn, name="x")
    await Band.insert_many([{"name": "x"}], conn=either)
    found: list[Band] = await Band.fetch_all("SELECT * FROM bands", conn=session)
    await band.update(session, name=found[0].name)
    await band.delete(conn)


def synchronous(
    driver: psycopg.Connection[Any],
    session: Session,
    scoped: scoped_session[Session],
    conn: Connection,
    *,
    db: SQLAlchemy,
    either: CallerConnection,
) -> None:
    """Pass what the synchronous methods accept."""
    band = Band.create_sync(driver, name="x")
    band = Band.create_sync(session, name="x")
    band = Band.create_sync(scoped, name="x")
    band = Band.create_sync(conn, name="x")
    band = Band.create_sync(db.session, name="x")
    band = Band.create_sync(connection, name="x")
    band = Band.create_sync(connections["other"], name="x")
    found: list[Band] = Band.fetch_all_sync("SELECT * FROM bands", conn=either)
    band.update_sync(session, name=found[0].name)
    band.delete_sync(conn)


async def wrongly_asynchronous(
    driver: psycopg.Connection[Any],
    session: Session,
    conn: Connection,
    engine: AsyncEngine,
    maker: async_sessionmaker[AsyncSession],
) -> None:
    """Pass what the asynchronous methods refuse."""
    await Band.create(driver, name="x")  # type: ignore[arg-type]
    await Band.create(session, name="x")  # type: ignore[arg-type]
    await Band.create(conn, name="x")  # type: ignore[arg-type]
    await Band.create(engine, name="x")  # type: ignore[arg-type]
    await Band.create(maker, name="x")  # type: ignore[arg-type]
    await Band.create("Ada", name="x")  # type: ignore[arg-type]


def wrongly_synchronous(
    driver: psycopg.AsyncConnection[Any],
    session: AsyncSession,
    scoped: async_scoped_session[AsyncSession],
    conn: AsyncConnection,
    *,
    engine: Engine,
    maker: sessionmaker[Session],
) -> None:
    """Pass what the synchronous methods refuse."""
    Band.create_sync(driver, name="x")  # type: ignore[arg-type]
    Band.create_sync(session, name="x")  # type: ignore[arg-type]
    Band.create_sync(scoped, name="x")  # type: ignore[arg-type]
    Band.create_sync(conn, name="x")  # type: ignore[arg-type]
    Band.create_sync(engine, name="x")  # type: ignore[arg-type]
    Band.create_sync(maker, name="x")  # type: ignore[arg-type]
    Band.create_sync("Ada", name="x")  # type: ignore[arg-type]
