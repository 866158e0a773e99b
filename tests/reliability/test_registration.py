"""A worker whose row in job_workers is not there after it was inserted."""

from __future__ import annotations

from tests.support.application import Application
from tests.support.health import start_with_health, wait_for_health
from tests.support.rows import Rows
from tests.support.waiting import wait_for

HIDE_ROWS = """
CREATE FUNCTION hide_rows() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM job_workers WHERE id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TABLE registrations (id UUID, at TIMESTAMPTZ DEFAULT clock_timestamp());
CREATE FUNCTION count_registrations() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO registrations VALUES (NEW.id);
    RETURN NEW;
END
$$;
CREATE TRIGGER count_registrations BEFORE INSERT ON job_workers
    FOR EACH ROW EXECUTE FUNCTION count_registrations();
CREATE TRIGGER hide_rows AFTER INSERT ON job_workers FOR EACH ROW EXECUTE FUNCTION hide_rows();
"""


def test_worker_whose_row_is_removed_waits_longer_between_registrations(
    app: Application, rows: Rows
) -> None:
    rows.conn.execute(HIDE_ROWS.encode())
    worker, url = start_with_health(app)
    worker.wait_for_line("cannot register this worker, so it claims no jobs: the row that this")
    [process] = wait_for_health(url, "failing")["processes"]
    assert "job_workers" in process["problem"]

    def attempts() -> list[float]:
        query = "SELECT extract(epoch FROM at - min(at) OVER ()) FROM registrations ORDER BY at"
        return [float(seconds) for (seconds,) in rows.conn.execute(query)]

    wait_for(lambda: len(attempts()) >= 3, "three attempts")
    first, second, third, *_ = attempts()
    assert second - first > 0.5
    assert third - second > 1.5
    assert rows.conn.execute("SELECT count(DISTINCT id) FROM registrations").fetchone() == (1,)
    assert rows.conn.execute("SELECT count(*) FROM job_workers").fetchone() == (0,)
    rows.conn.execute("DROP TRIGGER hide_rows ON job_workers")
    worker.wait_for_line("registered: claiming jobs")
    rows.wait_for_status(rows.insert(), "succeeded")
    wait_for_health(url, "ok")
    worker.process.terminate()
    assert worker.wait_for_exit().count("cannot register") == 1


def test_worker_that_may_not_register_is_failing(app: Application, rows: Rows) -> None:
    rows.conn.execute("ALTER TABLE job_workers ADD CONSTRAINT none CHECK (pid < 0)")
    worker, url = start_with_health(app)
    worker.wait_for_line("heartbeat failed: the database refuses it: new row")
    wait_for_health(url, "failing")
    rows.conn.execute("ALTER TABLE job_workers DROP CONSTRAINT none")
    wait_for_health(url, "ok")
