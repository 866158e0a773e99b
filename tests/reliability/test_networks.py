"""Cuts of the network between a worker and the server, without notice to either end."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.support.application import SHORT_LEASE, WAIT_FOR_GO, Application
from tests.support.networks import Network, namespaces, stopped_relay
from tests.support.process import BIN, Process
from tests.support.rows import Rows
from tests.support.waiting import wait_for


@pytest.fixture(params=[stopped_relay, namespaces], ids=["stopped relay", "namespaces"])
def net(request: pytest.FixtureRequest, app_database: str) -> Iterator[Network]:
    """A network to the server, of each kind."""
    with request.param(app_database) as made:
        yield made


def start_worker_behind(net: Network, app: Application, *options: str) -> Process:
    """Start a worker that reaches its database through the network, and wait until it is ready."""
    direct = app.env["DATABASE_URL"]
    app.env["DATABASE_URL"] = net.url
    worker = app.start(*net.prefix, str(BIN / "run-jobs"), "--poll", "3600", *options)
    app.env["DATABASE_URL"] = direct
    worker.wait_for_start("ready")
    return worker


def test_network_cut_shorter_than_the_lease_interrupts_no_job(
    net: Network, app: Application, rows: Rows
) -> None:
    app.write_job(WAIT_FOR_GO)
    worker = start_worker_behind(net, app, "--heartbeat", "2.5")
    [job] = rows.insert("wait")
    worker.wait_for_line("waiting")
    net.cut()
    # A completion, claims, and a heartbeat meet the silence.
    app.write("go", "")
    worker.wait_for_line(f"ran {job}")
    more = rows.insert(n=50)
    overdue = "SELECT FROM job_workers WHERE now() - heartbeat_at > INTERVAL '3.75 s'"
    wait_for(lambda: rows.conn.execute(overdue).fetchall(), "a heartbeat that is overdue")
    assert rows.get(job).status == "job_status_running"
    net.restore()
    rows.wait_for_status([job, *more], "succeeded", attempts=1)
    worker.send_signal(signal.SIGTERM)
    output = worker.wait_for_exit()
    assert "lease lost" not in output
    assert all(output.count(f"ran {row}") == 1 for row in [job, *more])


def test_claim_that_falls_silent_in_its_transaction_keeps_its_locks_no_longer_than_the_lease(
    app: Application, app_database: str, rows: Rows
) -> None:
    rows.conn.execute(
        """
        CREATE SEQUENCE claims;
        CREATE TABLE held AS SELECT;
        CREATE FUNCTION slow_first_claim() RETURNS TRIGGER LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.status = 'job_status_running' AND nextval('claims') = 1 THEN
                WHILE EXISTS (SELECT FROM held) LOOP PERFORM pg_sleep(0.3); END LOOP;
            END IF;
            RETURN NEW;
        END
        $$;
        CREATE TRIGGER slow_first_claim BEFORE UPDATE ON probe_jobs
            FOR EACH ROW EXECUTE FUNCTION slow_first_claim()
        """
    )
    app.write_job(WAIT_FOR_GO, options="global_concurrency = 1\n")
    with stopped_relay(app_database) as net:
        worker = start_worker_behind(net, app, "--heartbeat", "1")
        [job] = rows.insert()
        begun = "SELECT FROM claims WHERE is_called"
        wait_for(lambda: rows.conn.execute(begun).fetchall(), "a claim")
        net.silence()
        rows.conn.execute("DELETE FROM held")
        # The server never learns that this transaction, which locks the kind, is lost.
        rows.wait_for_status([job], "succeeded", attempts=1)
        worker.send_signal(signal.SIGTERM)
        worker.wait_for_exit()


def test_network_cut_longer_than_the_lease_lets_others_take_over_until_the_worker_is_back(
    net: Network, app: Application, rows: Rows
) -> None:
    app.write_job(WAIT_FOR_GO)
    cut_off = start_worker_behind(net, app, "--heartbeat", "0.5")
    [job] = rows.insert("wait")
    cut_off.wait_for_line("waiting")
    net.cut()
    cut_off.wait_for_line("cancelling all running jobs")
    # The worker gives up its jobs before others may take them over.
    assert rows.get(job).attempts_count == 1
    app.write("go", "")
    other = app.run_jobs(*SHORT_LEASE)
    rows.wait_for_status([job], "succeeded", attempts=2)
    other.send_signal(signal.SIGTERM)
    other.wait_for_exit()
    net.restore()
    more = rows.insert(n=50)
    rows.wait_for_status(more, "succeeded", attempts=1)
    cut_off.send_signal(signal.SIGTERM)
    assert f"ran {job}" not in cut_off.wait_for_exit()


def test_shutdown_ends_although_the_network_is_cut(
    net: Network, app: Application, rows: Rows
) -> None:
    app.write_job(WAIT_FOR_GO)
    worker = start_worker_behind(net, app, "--heartbeat", "0.5", "--grace", "0.1")
    [job] = rows.insert("wait")
    worker.wait_for_line("waiting")
    net.cut()
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit()
    # The worker could not deregister, so it counts as dead.
    app.write("go", "")
    app.run_jobs(*SHORT_LEASE)
    rows.wait_for_status([job], "succeeded", attempts=2)


def test_connections_that_fall_silent_are_replaced(
    app: Application, rows: Rows, app_database: str
) -> None:
    app.write_job(WAIT_FOR_GO)
    with stopped_relay(app_database) as net:
        worker = start_worker_behind(net, app, "--heartbeat", "0.5", "--poll", "1")
        [job] = rows.insert("wait")
        worker.wait_for_line("waiting")
        # The relay still accepts all bytes, so that TCP reports no error.
        net.silence()
        app.write("go", "")
        more = rows.insert(n=20)
        rows.wait_for_status([job, *more], "succeeded")
        worker.send_signal(signal.SIGTERM)
        worker.wait_for_exit()


def test_completions_are_written_over_a_new_connection_before_the_process_exits(
    app: Application, rows: Rows, app_database: str
) -> None:
    app.write_job(WAIT_FOR_GO)
    with stopped_relay(app_database) as net:
        worker = start_worker_behind(net, app, "--heartbeat", "60")
        [job] = rows.insert("wait")
        worker.wait_for_line("waiting")
        net.silence()
        app.write("go", "")
        worker.wait_for_line(f"ran {job}")
        worker.send_signal(signal.SIGTERM)
        rows.wait_for_status([job], "succeeded", attempts=1)
        worker.wait_for_exit()


def test_attempt_whose_completion_could_not_be_written_counts(app: Application, rows: Rows) -> None:
    app.write_job(WAIT_FOR_GO)
    worker = app.run_jobs("--grace", "0.1")
    [job] = rows.insert("wait")
    worker.wait_for_line("waiting")
    with rows.conn.transaction():
        rows.conn.execute("SELECT FROM probe_jobs WHERE id = %s FOR UPDATE", (job,))
        app.write("go", "")
        worker.wait_for_line(f"ran {job}")
        worker.send_signal(signal.SIGTERM)
        worker.wait_for_exit()
    app.run_jobs()
    rows.wait_for_status([job], "succeeded", attempts=2)
