"""Records and a database that are not of the same age: what to run is in the error."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from jobgen_runtime import configure
from jobgen_runtime.contract.errors import JobgenRuntimeError, QueryMismatch
from jobgen_runtime.database import close_pool, close_pool_sync
from psycopg.errors import UndefinedColumn, UndefinedTable

from tests.support.shop_types import Band, ProbeJob

_ID = uuid4()
CALLS: dict[str, Callable[[], Any]] = {
    "create": lambda: asyncio.run(_closing(ProbeJob.create())),
    "create_sync": ProbeJob.create_sync,
    "create_many_sync": lambda: ProbeJob.create_many_sync([{}]),
    "insert_many": lambda: asyncio.run(_closing(ProbeJob.insert_many([{}]))),
    "insert_many_sync": lambda: ProbeJob.insert_many_sync([{}]),
    "get_sync": lambda: ProbeJob.get_sync(_ID),
    "cancel": lambda: asyncio.run(_closing(_job().cancel())),
    "retry_sync": lambda: _job().retry_sync(),
    "pause_sync": ProbeJob.pause_sync,
}


async def _closing(call: Any) -> Any:
    try:
        return await call
    finally:
        await close_pool()


def _job() -> ProbeJob:
    job = ProbeJob.__new__(ProbeJob)
    job.id = _ID
    return job


@pytest.fixture
def url(app_database: str) -> Iterator[str]:
    configure(app_database)
    yield app_database
    close_pool_sync()
    configure(None)


@pytest.fixture
def owner(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url, autocommit=True) as conn:
        yield conn


@pytest.mark.parametrize("call", CALLS)
def test_missing_table_is_an_error_of_psycopg_that_says_to_migrate(
    owner: psycopg.Connection[Any], call: str
) -> None:
    owner.execute("DROP TABLE probe_jobs, job_pauses, job_cancellations, job_refusals")
    with pytest.raises(UndefinedTable) as caught:
        CALLS[call]()
    assert isinstance(caught.value, JobgenRuntimeError)
    assert 'Relation "' in caught.value.message
    assert "Run `jobgen migrate`" in str(caught.value)
    assert caught.value.sqlstate == "42P01"
    assert "does not exist" in str(caught.value.diag.message_primary)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301 -- its own


def test_missing_column_is_an_error_of_psycopg_that_says_to_migrate(
    owner: psycopg.Connection[Any],
) -> None:
    owner.execute("ALTER TABLE probe_jobs DROP COLUMN what")
    with pytest.raises(UndefinedColumn, match="Run `jobgen migrate`"):
        ProbeJob.create_sync(what="x")
    with pytest.raises(UndefinedColumn, match="Run `jobgen migrate`"):
        ProbeJob.get_sync(_ID)
    owner.execute("INSERT INTO probe_jobs DEFAULT VALUES")
    with pytest.raises(
        QueryMismatch, match="If the database does not have one, run `jobgen migrate`"
    ):
        ProbeJob.fetch_all_sync("SELECT * FROM probe_jobs")


def test_error_of_a_query_of_the_users_or_of_a_trigger_is_left_as_it_is(
    owner: psycopg.Connection[Any],
) -> None:
    with pytest.raises(UndefinedColumn) as column:
        Band.fetch_all_sync("SELECT typo FROM bands")
    assert type(column.value) is UndefinedColumn
    assert not hasattr(column.value, "__notes__")
    with pytest.raises(UndefinedTable) as table:
        Band.fetch_all_sync("SELECT * FROM typo")
    assert type(table.value) is UndefinedTable
    assert table.value.__notes__ == ["If Schema.sql has it, run `jobgen migrate`."]
    owner.execute(
        "CREATE FUNCTION log() RETURNS TRIGGER LANGUAGE plpgsql AS"
        " 'BEGIN INSERT INTO nowhere SELECT 1; RETURN NEW; END';"
        "CREATE TRIGGER log BEFORE INSERT ON probe_jobs FOR EACH ROW EXECUTE FUNCTION log()"
    )
    with pytest.raises(UndefinedTable) as trigger:
        ProbeJob.create_sync()
    assert type(trigger.value) is UndefinedTable
