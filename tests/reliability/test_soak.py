"""Random faults under load; then each job must have succeeded once, with its effect.

Jobs whose end the database has refused for a moment may have failed with that reason instead.

JOBGEN_SOAK_SECONDS=300 makes it longer; JOBGEN_SOAK_SEED=7 repeats the choices of a run.
`make test` includes a short run with one kind of job, and `make soak` runs longer ones with all
kinds. In CI the choices are the same each time.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.support.application import application
from tests.support.bookkeeping import (
    check_commits,
    check_complaints,
    check_effects,
    check_failures,
    wait_for_final_states,
    write_recorded_job,
)
from tests.support.database import install_app_schema
from tests.support.hostile_code import MISBEHAVIOUR
from tests.support.networks import stopped_relay
from tests.support.own_server import own_server
from tests.support.priorities import add_priorities
from tests.support.reporting import add_reports, check_reports
from tests.support.soak import Soak, terminate
from tests.support.soak_faults import FUNCTIONS
from tests.support.soak_jobs import (
    CANCELLED,
    INSERT,
    INSERT_BY_PRIORITY,
    INSERT_UNIQUE,
    JOBS,
    KEEP_BOOKS,
    RAISE_PRIORITIES,
    TRANSACTIONAL,
    UNIQUE,
    WITH_PRIORITIES,
    WITH_REPORTS,
    WITH_RETENTION,
    WITH_SCHEDULES,
)
from tests.support.soak_schedules import RECORD_TICKS, check_ticks, end_schedule
from tests.support.soak_unique import make_unique
from tests.support.waiting import TIMEOUT, wait_for

SUCCEEDED = "job_status_succeeded"

SECONDS = float(os.environ.get("JOBGEN_SOAK_SECONDS", "12"))
RANDOM_SEED = "1" if os.environ.get("CI") else str(time.time_ns() % 1_000_000)
SEED = int(os.environ.get("JOBGEN_SOAK_SEED", RANDOM_SEED))


@pytest.fixture(
    params=[
        "async",
        *(pytest.param(kind, marks=pytest.mark.soak) for kind in JOBS if kind != "async"),
    ]
)
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of job, of JOBS."""
    return str(request.param)


@pytest.fixture
def soak(kind: str, tmp_path: Path) -> Iterator[Soak]:
    options, perform = JOBS[kind]
    with own_server() as server:
        install_app_schema(server.url)
        with psycopg.connect(server.url) as conn:
            conn.execute("CREATE TABLE commits (job UUID NOT NULL)")
            conn.execute(FUNCTIONS)
            conn.execute(KEEP_BOOKS)
            conn.execute(RECORD_TICKS)
            # Else transactions of jobs whose connections have fallen silent keep their locks.
            conn.execute("ALTER DATABASE postgres SET idle_in_transaction_session_timeout = '2s'")
        with (
            stopped_relay(server.url) as net,
            application(tmp_path, net.url) as app,
        ):
            write_recorded_job(app, perform, options=f"max_attempts = 1000\n{options}")
            with (tmp_path / "Web/Job/Probe.py").open("a") as module:
                module.write(MISBEHAVIOUR)
            insert, change = INSERT, None
            if kind in WITH_PRIORITIES:
                insert, change = INSERT_BY_PRIORITY, RAISE_PRIORITIES
                with psycopg.connect(server.url, autocommit=True) as conn:
                    add_priorities(app, conn)
            if kind in UNIQUE:
                insert = INSERT_UNIQUE
                with psycopg.connect(server.url, autocommit=True) as conn:
                    make_unique(app, conn)
            if kind in WITH_REPORTS:
                with psycopg.connect(server.url, autocommit=True) as conn:
                    add_reports(app, conn)
            yield Soak(server, net, app, seed=SEED, insert=insert, change=change)


def test_no_job_is_lost_or_run_twice_under_random_faults(soak: Soak, kind: str) -> None:
    print(f"JOBGEN_SOAK_SEED={SEED}:", *soak.run(SECONDS))
    print("refused now:", soak.count_refused())
    if kind in WITH_SCHEDULES:
        with soak.connect() as conn:
            ticks = end_schedule(conn)
        check_ticks(ticks)
        soak.inserted += len(ticks)
    # Others do not wait as long as these until they try again what the database has refused.
    soak.replace_all()
    ended = wait_for_final_states(
        soak.server.url,
        soak.inserted,
        table="all_jobs",
        timeout=3 * TIMEOUT,
        meanwhile=soak.replace_exited,
    )
    print("ended:", *Counter(status for status, _ in ended.values()).items())
    root, is_transactional = soak.app.root, kind in TRANSACTIONAL
    check_effects(root, ended, stopped=frozenset(soak.stopped), rolled_back=is_transactional)
    errors = soak.read_errors()
    cancelled = {job for job, error in errors.items() if error == CANCELLED}
    assert bool(cancelled) == (kind in WITH_REPORTS)
    check_failures(
        root,
        {job: end for job, end in ended.items() if job not in cancelled},
        {job: error for job, error in errors.items() if job not in cancelled},
    )
    if kind in WITH_REPORTS:
        with soak.connect() as conn:
            print("attempts:", *check_reports(conn, ended).items())
    # A fault creates a unique index, too, whatever the kind is.
    duplicates = sum('"soak_once"' in error for error in errors.values())
    print("failed next to a duplicate:", duplicates)
    assert not duplicates or kind in UNIQUE
    commits = soak.read_commits()
    assert bool(commits) == is_transactional
    if is_transactional:
        check_commits(commits, ended)
    check_complaints(root)
    if kind in WITH_RETENTION:
        wait_for(soak.count_deleted, "old jobs are deleted")
    assert soak.count_deleted().keys() <= ({SUCCEEDED} if kind in WITH_RETENTION else set())
    for worker in soak.workers:
        terminate(worker)
