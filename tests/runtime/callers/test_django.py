"""Records work in the transactions of Django's connections."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Iterator
from threading import Thread
from types import ModuleType
from typing import Any

import psycopg
import pytest
from jobgen_runtime import DuplicateJob
from jobgen_runtime.database.failed_transaction import TransactionFailed
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import NotNullViolation, UniqueViolation

pytestmark = pytest.mark.xdist_group("django in the test's process")
NOTE = '100 % of :name, it\'s "$1" \\ %s %(x)s ?'


def settings_of(url: str) -> dict[str, Any]:
    """Return an entry of DATABASES."""
    found = conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{name.upper(): found[name] for name in ("host", "port", "user")},
        "NAME": found["dbname"],
    }


@pytest.fixture(scope="module")
def django(shared_database: str) -> Iterator[Any]:
    """`django.db` with two connections to the database, one of psycopg2, and one to SQLite."""
    settings = importlib.import_module("django.conf").settings
    if not settings.configured:
        settings.configure(USE_TZ=True, TIME_ZONE="Europe/Berlin")
    importlib.import_module("django.apps").apps.populate(())
    importlib.import_module("django.db.transaction")
    db = importlib.import_module("django.db")
    entry = settings_of(shared_database)
    handler = importlib.import_module("django.db.utils").ConnectionHandler(
        {
            "default": entry,
            "other": entry,
            "psycopg2": {**entry, "ENGINE": "tests.support.django_psycopg2"},
            "lite": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
        }
    )
    before = dict(db.connections.settings)
    db.connections.settings.update(handler.settings)
    yield db
    for alias in handler.settings:
        db.connections[alias].close()
        delattr(db.connections._connections, alias)
    db.connections.settings.clear()
    db.connections.settings.update(before)


def count(url: str, table: str = "plain_jobs") -> int:
    """Return how many rows another connection sees."""
    with psycopg.connect(url) as conn:
        row = conn.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()  # noqa: S608
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("alias", ["default", "other", "psycopg2"])
def test_job_is_part_of_the_atomic_block(
    url: str, types: ModuleType, django: Any, alias: str
) -> None:
    record, atomic = types.PlainJob, django.transaction.atomic
    conn = django.connection if alias == "default" else django.connections[alias]
    with atomic(using=alias):
        created = record.create_sync(conn, note=NOTE)
        assert count(url) == 0
    assert count(url) == 1
    with psycopg.connect(url) as other:
        assert record.get_sync(created.id, conn=other) == created
    with atomic(using=alias):
        record.create_sync(conn, note="rolled back")
        django.transaction.set_rollback(True, using=alias)
    assert count(url) == 1
    with atomic(using=alias):
        assert created.update_sync(conn, note="new").note == "new"
        created.cancel_sync(conn)
        [found] = record.fetch_all_sync(
            "SELECT * FROM plain_jobs WHERE note LIKE 'ne%%' AND note = %s", ["new"], conn=conn
        )
        assert found.note == "new"
        with pytest.raises(UniqueViolation), atomic(using=alias):
            record.create_many_sync([{"note": "", "position": 1}] * 2, conn=conn)
        assert record.insert_many_sync([{"note": "a"}, {"note": "b"}], conn=conn) == 2
    assert count(url) == 3
    record.create_sync(conn, note="outside of a block")
    assert count(url) == 4
    with pytest.raises(UniqueViolation):
        record.create_many_sync([{"note": str(n), "position": n % 1200} for n in range(1300)], conn)
    assert count(url) == 4


@pytest.mark.parametrize("alias", ["default", "psycopg2"])
def test_atomic_block_goes_on_after_a_duplicate(
    url: str, types: ModuleType, django: Any, alias: str
) -> None:
    conn = django.connections[alias]
    with django.transaction.atomic(using=alias):
        first = types.MailJob.create_sync(conn, customer_id=1)
        with pytest.raises(DuplicateJob):
            types.MailJob.create_sync(conn, customer_id=1)
        with pytest.raises(DuplicateJob):
            types.MailJob.create_many_sync([{"customer_id": 1}], conn=conn)
        assert types.MailJob.get_or_create_sync(conn, customer_id=1) == (first, False)
    assert count(url, "mail_jobs") == 1


@pytest.mark.parametrize("alias", ["default", "psycopg2"])
def test_failed_transaction_says_what_to_roll_back(
    url: str, types: ModuleType, django: Any, alias: str
) -> None:
    conn, record = django.connections[alias], types.PlainJob
    with django.transaction.atomic(using=alias):
        with pytest.raises(NotNullViolation) as null:
            record.create_sync(conn, note=None)
        assert any("needs a value for `note`" in note for note in null.value.__notes__)
        with pytest.raises(TransactionFailed, match="transaction has failed"):
            record.create_sync(conn, note="x")
        django.transaction.set_rollback(True, using=alias)
        with pytest.raises(TransactionFailed, match=r"Roll back the `atomic\(\)` block"):
            record.create_sync(conn, note="x")
    record.create_sync(conn, note="afterwards")
    assert count(url) == 1


def test_lost_connection_is_replaced_at_the_next_request(
    url: str, types: ModuleType, django: Any
) -> None:
    conn, record = django.connections["other"], types.PlainJob
    with conn.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [number] = cursor.fetchone()
    with psycopg.connect(url) as other:
        other.execute("SELECT pg_terminate_backend(%s, 60000)", [number])
    with pytest.raises(psycopg.OperationalError):
        record.create_sync(conn, note="lost")
    django.close_old_connections()
    record.create_sync(conn, note="x")
    assert count(url) == 1


def test_json_is_loaded_although_django_has_its_own_loader(
    url: str, types: ModuleType, django: Any
) -> None:
    with django.connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE customers (id JSONB, name TEXT)")
        cursor.execute("INSERT INTO customers VALUES ('[1]', 'x')")
    query = "SELECT * FROM customers"
    [loaded] = types.Customer.fetch_all_sync(query, conn=django.connection)
    assert loaded.id == [1]
    django.connection.close()


def test_unusable_connections_are_refused(url: str, types: ModuleType, django: Any) -> None:
    record = types.PlainJob
    cases: list[tuple[type[Exception], str, Callable[[], object]]] = [
        (
            TypeError,
            "must be one to PostgreSQL, .*is one to SQLite",
            lambda: record.create_sync(django.connections["lite"], note="x"),
        ),
        (
            TypeError,
            "Django's connection 'default', which is synchronous.*sync_to_async",
            lambda: asyncio.run(record.create(django.connection, note="x")),
        ),
        (
            TypeError,
            r"Pass `connection` of django\.db, or `connections\[…\]`",
            lambda: record.create_sync(django.connections, note="x"),
        ),
    ]
    for kind, expected, call in cases:
        with pytest.raises(kind, match=expected):
            call()
    assert count(url) == 0


def test_connection_of_another_thread_is_refused(url: str, types: ModuleType, django: Any) -> None:
    wrapper, errors = django.connections["default"], []

    def other() -> None:
        try:
            types.PlainJob.create_sync(wrapper, note="x")
        except psycopg.Error as error:
            errors.append(str(error))

    thread = Thread(target=other)
    thread.start()
    thread.join()
    assert errors
    assert "can only be used in that same thread" in errors[0]
    assert count(url) == 0
