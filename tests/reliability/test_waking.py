"""Lost wake triggers and a silent LISTEN: workers notice them and repair what they may."""

from __future__ import annotations

import signal
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from jobgen_runtime.job_table.names import object_name
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.support.application import Application
from tests.support.networks import stopped_relay
from tests.support.process import BIN
from tests.support.rows import Rows
from tests.support.schema import APP_SCHEMA
from tests.support.sleeping_workers import wait_until_asleep

TRIGGERS = ["probe_jobs_wake_on_insert", "probe_jobs_wake_on_update"]


def drop_triggers(conn: psycopg.Connection[Any], table: str = "probe_jobs") -> None:
    query = sql.SQL("DROP TRIGGER {} ON {}")
    # In one transaction, so that no worker recreates one of them in between.
    with conn.transaction():
        for trigger in TRIGGERS:
            conn.execute(query.format(sql.Identifier(trigger), sql.Identifier(table)))


def triggers(conn: psycopg.Connection[Any], table: str = "probe_jobs") -> list[str]:
    """Return the names of the table's triggers, without the tests' own."""
    rows = conn.execute(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname <> 'notify_test'"
        " ORDER BY 1",
        (table,),
    )
    return [row[0] for row in rows]


def test_dropped_wake_triggers_are_recreated(app: Application, rows: Rows) -> None:
    definitions = "SELECT pg_get_triggerdef(oid) FROM pg_trigger ORDER BY tgname"
    before = rows.conn.execute(definitions).fetchall()
    worker = app.run_jobs("--poll", "0.3", "-v")
    drop_triggers(rows.conn)
    worker.wait_for_line("recreated wake triggers on probe_jobs")
    assert triggers(rows.conn) == TRIGGERS
    assert rows.conn.execute(definitions).fetchall() == before
    wait_until_asleep(rows.conn, 1)
    rows.insert()
    worker.wait_for_line("notified: public.probe_jobs")


def test_wake_triggers_are_recreated_during_a_pg_dump(app: Application, rows: Rows) -> None:
    drop_triggers(rows.conn)
    with psycopg.connect(app.env["DATABASE_URL"]) as dump:
        # The lock that pg_dump holds from its start to its end.
        dump.execute("LOCK TABLE probe_jobs IN ACCESS SHARE MODE")
        app.start("run-jobs", "--poll", "0.3").wait_for_line("recreated wake triggers")
        rows.wait_for_status(rows.insert(), "succeeded")


def test_recreation_of_wake_triggers_blocks_no_writer(app: Application, rows: Rows) -> None:
    drop_triggers(rows.conn)
    with psycopg.connect(app.env["DATABASE_URL"]) as writer:
        writer.execute("INSERT INTO probe_jobs DEFAULT VALUES")
        worker = app.run_jobs("--poll", "0.1")
        # The worker tries at each poll; no insert waits for its lock.
        rows.conn.execute("SET lock_timeout = '50ms'")
        for _ in range(4):
            rows.wait_for_status(rows.insert(), "succeeded")
        assert triggers(rows.conn) == []
        writer.commit()
    worker.wait_for_line("recreated wake triggers")
    assert triggers(rows.conn) == TRIGGERS


@pytest.fixture
def role(rows: Rows, app_database: str) -> Iterator[str]:
    """A role that may change rows and nothing else."""
    name = f"jobgen_test_{uuid.uuid4().hex}"
    identifier = sql.Identifier(name)
    rows.conn.execute(sql.SQL("CREATE ROLE {} LOGIN").format(identifier))
    grant = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}"
    rows.conn.execute(sql.SQL(grant).format(identifier))
    yield name
    with psycopg.connect(app_database, autocommit=True) as conn:
        conn.execute(sql.SQL("DROP OWNED BY {}").format(identifier))
        conn.execute(sql.SQL("DROP ROLE {}").format(identifier))


def test_worker_that_may_not_recreate_wake_triggers_polls_and_logs_the_sql_once(
    app: Application, rows: Rows, role: str
) -> None:
    drop_triggers(rows.conn)
    app.env["DATABASE_URL"] = make_conninfo(app.env["DATABASE_URL"], user=role)
    worker = app.run_jobs("--poll", "0.1")
    for _ in range(4):
        rows.wait_for_status(rows.insert(), "succeeded")
    worker.send_signal(signal.SIGTERM)
    output = worker.wait_for_exit()
    assert output.count("cannot recreate the wake triggers") == 1
    start = output.index("CREATE TRIGGER")
    for statement in output[start:].split(";\n")[:2]:
        rows.conn.execute(statement.encode())
    assert triggers(rows.conn) == TRIGGERS


def test_wake_triggers_of_a_table_with_a_62_byte_name_are_recreated(
    app: Application, rows: Rows
) -> None:
    table = f"{'quite_a_long_name_of_a_table_' * 2}_jobs"[:62]
    rename = sql.SQL("ALTER TABLE probe_jobs RENAME TO {}").format(sql.Identifier(table))
    rows.conn.execute(rename)
    drop_triggers(rows.conn, table)
    view = sql.SQL("CREATE VIEW probe_jobs AS SELECT * FROM {}").format(sql.Identifier(table))
    rows.conn.execute(view)
    types = app.root / "Generated/Types.py"
    types.write_text(types.read_text().replace('"probe_jobs"', f'"{table}"'))
    worker = app.start("run-jobs", "--poll", "0.2", "-v")
    worker.wait_for_line("recreated wake triggers")
    assert triggers(rows.conn, table) == sorted(
        object_name(table, suffix) for suffix in ("wake_on_insert", "wake_on_update")
    )
    wait_until_asleep(rows.conn, 1, f"public.{table}")
    rows.wait_for_status(rows.insert(), "succeeded")
    worker.wait_for_line(f"notified: public.{table}")


def test_table_that_is_dropped_and_recreated_is_processed(app: Application, rows: Rows) -> None:
    worker = app.run_jobs("--poll", "0.3")
    for _ in range(6):
        # Often enough for the server to prepare the worker's statements.
        rows.wait_for_status(rows.insert(), "succeeded")
    create = APP_SCHEMA[
        APP_SCHEMA.index("CREATE TABLE probe_jobs") : APP_SCHEMA.index("CREATE TRIGGER")
    ]
    rows.conn.execute("DROP TABLE probe_jobs")
    rows.conn.execute("NOTIFY job_workers, 'public.probe_jobs'")
    worker.wait_for_line("cannot claim jobs of")
    rows.conn.execute(create.encode())
    rows.conn.execute(
        "CREATE TRIGGER notify_test AFTER UPDATE ON probe_jobs"
        " FOR EACH ROW EXECUTE FUNCTION notify_test()"
    )
    worker.wait_for_line("recreated wake triggers")
    rows.wait_for_status(rows.insert(n=20), "succeeded")


def test_worker_reconnects_when_listen_falls_silent(
    app: Application, rows: Rows, app_database: str
) -> None:
    with stopped_relay(app_database) as net:
        app.env["DATABASE_URL"] = net.url
        worker = app.start(str(BIN / "run-jobs"), "-v", "--poll", "0.5", "--heartbeat", "0.5")
        wait_until_asleep(rows.conn, 1)
        net.silence()
        # The server still shows the first session, whose loss it does not know.
        wait_until_asleep(rows.conn, 2)
        rows.conn.execute("NOTIFY job_workers, 'a test'")
        worker.wait_for_line("notified: a test")
