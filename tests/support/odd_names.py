"""Run every statement about a job table, to learn whether its names are in the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from jobgen_runtime import ClaimLost, Every, JobRecord, JobStatus, Record, Table
from jobgen_runtime.contract.context import Fence, JobContext, current_job
from jobgen_runtime.contract.states import Cancellation
from jobgen_runtime.control import (
    UnregisteredKind,
    add_schedule,
    add_schedule_sync,
    change_schedule,
    delete_job,
    fetch_attempts,
    fetch_attempts_sync,
    fetch_kind_status,
    fetch_live_workers,
    fetch_schedules,
    fetch_unregistered_kinds,
    fetch_unregistered_kinds_sync,
    pause_schedule_sync,
    remove_schedule_sync,
    resume_schedule_sync,
    run_schedule_now_sync,
)
from jobgen_runtime.control.inspection import fetch_live_workers_sync, fetch_running_jobs_sync
from jobgen_runtime.control.jobs import fetch_seen, reschedule_statement
from jobgen_runtime.control.refused_jobs import fetch_refused_jobs_sync
from jobgen_runtime.control.unregistered_kinds import count_waiting
from jobgen_runtime.database import execute_sync, fetch_rows_sync
from jobgen_runtime.metrics.figures import measure_kind
from jobgen_runtime.preflight.fixes import (
    IndexKind,
    create_index,
    create_wake_triggers,
    enable_trigger,
    set_id_default,
)
from jobgen_runtime.preflight.refused_changes import find_refused_changes
from jobgen_runtime.preflight.table_shape import read_table_shape
from jobgen_runtime.preflight.unique_index import find_missing_unique_index
from jobgen_runtime.queue import Claim, Endings, JobQueue, Position, Unwritten, release_all
from jobgen_runtime.queue.narrowing import Narrowing
from jobgen_runtime.queue.orphans import Orphans
from jobgen_runtime.queue.probes import Probes
from jobgen_runtime.queue.refusals import Refusal, Refusals
from jobgen_runtime.queue.schedules import Advance, Schedules, fetch_forecast, has_schedules
from jobgen_runtime.record.success import find_position, write_success
from jobgen_runtime.record.unique_statements import DuplicateKey, key_columns
from jobgen_runtime.replay import find_job
from jobgen_runtime.retention.expired_jobs import ExpiredJobs
from jobgen_runtime.retention.scan import FIRST_ID, LAST_ID, IdRange
from jobgen_runtime.schedule.definitions import Definition
from jobgen_runtime.table import UniqueIndex
from jobgen_runtime.testing import enqueued_sync
from jobgen_runtime.testing.clocks import move_back
from jobgen_runtime.testing.due import first_due_table, make_due_now
from jobgen_runtime.waits.connection import WaitConnection
from jobgen_runtime.worker.triggers import TriggerRepair
from psycopg import AsyncConnection, Connection
from psycopg.conninfo import make_conninfo
from psycopg.rows import class_row, tuple_row
from psycopg.sql import Identifier

Conn = AsyncConnection[Any]
DELAY = timedelta(0)
WORKER = uuid4()


async def check_records(conn: Conn, sync: Connection[Any], record: type[JobRecord]) -> None:
    """Insert and read rows in every way, with a value in each of the user's columns."""
    table = record.__table__
    own = [table.attribute(column) for column in table.columns[9:]]
    values = {attribute: number for number, attribute in enumerate(own)}
    made = [
        await record._create(conn, values),
        record._create_sync(sync, values),
        *await record._create_many(conn, [values, {}]),
        *record._create_many_sync(sync, [{}, values]),
    ]
    assert await record._insert_many(conn, [values, {}]) == 2
    assert record._insert_many_sync(sync, [values]) == 1
    for job in (made[0], made[1], made[2], made[5]):
        assert {attribute: getattr(job, attribute) for attribute in own} == values
    for job in made:
        assert await record._get(conn, (job.id,)) == record._get_sync(sync, (job.id,)) == job
        assert await job.refresh(conn) == job.refresh_sync(sync)
    other = {attribute: number + 7 for attribute, number in values.items()}
    changed = [await made[0]._update(conn, other), made[1]._update_sync(sync, other)]
    for job in (*changed, *[await record._get(conn, (job.id,)) for job in changed]):
        assert {attribute: getattr(job, attribute) for attribute in own} == other
    current_job.set(JobContext("", table.qualified_name, made[2].id, 1, Fence(WORKER, "now")))
    with pytest.raises(ClaimLost):
        await made[2]._update(conn, other)
    current_job.set(None)
    assert await made[2].refresh(conn) == made[2]
    plain: Any = type("Plain", (Record,), {"__table__": table})
    await made[0].delete(conn)
    await plain._get_sync(sync, (made[1].id,)).delete(conn)
    plain._get_sync(sync, (made[2].id,)).delete_sync(sync)
    query = b"SELECT * FROM " + table.identifier.as_bytes(None)
    assert len(await record.fetch_all(query.decode(), conn=conn)) == 6
    sync.execute(b"DELETE FROM " + table.identifier.as_bytes(None))


async def check_transitions(conn: Conn, sync: Connection[Any], record: type[JobRecord]) -> None:
    """Make every transition of a job."""
    queue, table = JobQueue(record), record.__table__
    ends = queue.completions
    ways: list[tuple[str, Callable[[Any], Any]]] = [
        ("succeeded", lambda claims: ends.succeed(conn, claims)),
        ("retry", lambda claims: ends.retry(conn, claims, ["error"], [DELAY])),
        (
            "failed",
            lambda claims: ends.fail(conn, claims, ["error"], JobStatus.FAILED),
        ),
        (
            "timed_out",
            lambda claims: ends.fail(conn, claims, ["error"], JobStatus.TIMED_OUT),
        ),
        ("retry", lambda claims: ends.snooze(conn, claims, [DELAY])),
        ("not_started", lambda claims: ends.release(conn, claims)),
    ]
    for status, complete in ways:
        job = await record._create(conn, {})
        [claim] = await queue.claim(conn, WORKER, 1)
        assert isinstance(claim.record, JobRecord), claim.record
        assert await queue.completions.locked_rows(conn, [claim]) == set()
        assert await complete([claim]) is None
        assert (await job.refresh(conn)).status.value == f"job_status_{status}"
        await delete_job(conn, table, job.id)
    # Reconciled, and claimed again with the success in the job's own transaction.
    job = await record._create(conn, {})
    await queue.claim(conn, WORKER, 1)
    unheld = await queue.fetch_unheld(conn, WORKER, [], until="infinity", limit=9)
    assert [claim.id for claim in unheld] == [job.id]
    assert await queue.completions.release(conn, unheld) is None
    [claim] = await queue.claim_strict(conn, WORKER)
    context = JobContext("", "", job.id, 1, claim.fence)
    await conn.execute("SET default_transaction_isolation = 'serializable'")
    position = await find_position(conn, table, context)
    assert position is not None
    assert await write_success(conn, table, context, position)
    await conn.execute("RESET default_transaction_isolation")
    # Released after the worker's end, rescued, and claimed as a suspect.
    await job.retry(conn)
    await queue.claim(conn, WORKER, 1)
    release_all(sync, WORKER, [(table.schema, table.name)], [])
    assert (await job.refresh(conn)).status is JobStatus.NOT_STARTED
    await queue.claim(conn, WORKER, 1)
    orphans = Orphans(table)
    assert list(orphans.find(sync, limit=9, skipped=[])) == [job.id]
    assert orphans.rescue(sync, 10, limit=9).changed == {job.id}
    suspects, _ = await Probes([table]).suspects(conn)
    assert suspects == {table.qualified_name: {1: 1}}
    assert await queue.claim_suspects(conn, uuid4(), 1, 1)
    assert await queue.lock_kind(conn) in (True, False)
    assert await queue.count_running(conn) == 1
    await queue.notify_slot_free(conn)
    queue.notify_slot_free_sync(sync)
    sync.execute(b"DELETE FROM " + table.identifier.as_bytes(None))


async def check_endings(conn: Conn, sync: Connection[Any], record: type[JobRecord]) -> None:
    """End jobs in every way, with the report of a failure and a record of the attempt."""
    sync.execute(
        "CREATE TABLE IF NOT EXISTS failures (failed_table TEXT, failed_id UUID, failed_error TEXT)"
    )
    report = Table("failures", columns=("failed_table", "failed_id", "failed_error"))
    table, endings = record.__table__, Endings(report, keeps_attempts=True)
    queue, orphans = JobQueue(record, endings), Orphans(table, endings)
    [succeeded, failed, bare, died, refused, committed] = [
        await record._create(conn, {}) for _ in range(6)
    ]
    claims = {claim.id: claim for claim in await queue.claim(conn, WORKER, 6)}
    await queue.completions.succeed(conn, [claims[succeeded.id]])
    await queue.completions.fail(conn, [claims[failed.id]], ["error"], JobStatus.FAILED)
    await queue.bare_completions.fail(conn, [claims[bare.id]], ["error"], JobStatus.FAILED)
    assert queue.bare_completions.left_out is None
    fence = claims[committed.id].fence
    context = JobContext("", "", committed.id, 1, fence, recorded_wait=0.5)
    assert await write_success(conn, table, context, None)
    assert orphans.settle_refused(sync, refused.id, JobStatus.TIMED_OUT, "error")
    assert orphans.rescue(sync, 1, limit=9).changed == {died.id}
    name = table.qualified_name
    outcomes = sync.execute("SELECT job_id, outcome, worker_id, attempt FROM job_attempts")

    assert set(outcomes.fetchall()) == {
        (job.id, outcome, WORKER, 1)
        for job, outcome in (
            (succeeded, "succeeded"),
            (failed, "failed"),
            (bare, "failed"),
            (committed, "succeeded"),
            (refused, "timed_out"),
            (died, "worker_died"),
        )
    }
    reports = sync.execute("SELECT failed_table, failed_id FROM failures").fetchall()
    assert set(reports) == {(name, job.id) for job in (failed, bare, refused, died)}
    [latest] = await fetch_attempts(conn, table, died.id, limit=1)
    assert (latest.attempt, latest.outcome, latest.worker_id) == (1, "worker_died", WORKER)
    assert fetch_attempts_sync(sync, table, died.id, limit=1) == [latest]
    await delete_job(conn, table, died.id)
    [[left]] = sync.execute("SELECT COUNT(*) FROM job_attempts").fetchall()
    assert left == 5
    sync.execute(
        b"DELETE FROM job_attempts; DELETE FROM failures; DELETE FROM "
        + table.identifier.as_bytes(None)
    )


async def check_narrowing(conn: Conn, record: type[JobRecord]) -> None:
    """Claim in parts, as after a refusal."""
    narrowing, table = Narrowing(record), record.__table__
    for strict in (False, True):
        job = await record._create(conn, {})
        async with conn.transaction():
            claimed = await narrowing.claim(
                conn,
                WORKER,
                5,
                refused=f"{{{uuid4()}}}",
                strict=strict,
                may_be_locked=True,
                may_be_hidden=True,
            )
        assert [claim.id for claim in claimed.claims] == [job.id]
        await conn.execute(b"DELETE FROM " + table.identifier.as_bytes(None))


async def check_operations(conn: Conn, sync: Connection[Any], record: type[JobRecord]) -> None:
    """Run every operation of an operator, and read everything that an operator sees."""
    queue, table = JobQueue(record), record.__table__
    refusals = Refusals(table)
    job = await record._create(conn, {})
    assert await record.pause(conn)
    assert fetch_kind_status(sync, table).paused_at is not None
    assert measure_kind(sync, table).is_paused
    assert fetch_live_workers_sync(sync, table, limit=1) == []
    assert fetch_running_jobs_sync(sync, table, limit=1) == []
    assert record.resume_sync(sync)
    [kind] = fetch_rows_sync(sync, count_waiting([table]), class_row(UnregisteredKind))
    assert (kind.table_name, kind.waiting) == (table.qualified_name, 1)
    another = [replace(table, name="another_jobs")]
    unregistered = await fetch_unregistered_kinds(conn, another)
    assert unregistered == fetch_unregistered_kinds_sync(sync, another)
    # Only tables whose names end with _jobs count as job tables.
    assert unregistered == ([kind] if table.name.endswith("_jobs") else [])
    assert await fetch_unregistered_kinds(conn, [table]) == []
    assert await fetch_live_workers(conn, table) == 0
    refusal = Refusal(job.id, JobStatus.RUNNING, "reason")
    await refusals.record(conn, [refusal])
    assert await refusals.count_ends(conn) == 0
    refusals.record_sync(sync, [refusal])
    assert [refused.job for refused in fetch_refused_jobs_sync(sync, table, limit=5)] == [job.id]
    await queue.claim(conn, WORKER, 1)
    refusal = Refusal(job.id, JobStatus.SUCCEEDED, "reason")
    await refusals.record(conn, [refusal])
    orphans = Orphans(table)
    assert orphans.find_refused(sync, limit=9, skipped=[]) == [refusal]
    assert orphans.settle_refused(sync, job.id, JobStatus.FAILED, "error")
    await job.retry(conn)
    await refusals.delete_outdated(conn)
    await refusals.resolve(conn, [job.id])
    refusals.resolve_sync(sync, [job.id])
    rescheduled = [reschedule_statement(table, job.id, None)]
    assert await fetch_seen(conn, rescheduled) == [("waiting", False)]
    assert job.cancel_sync(sync) is Cancellation.DONE
    await job.retry(conn)
    await queue.claim(conn, WORKER, 1)
    assert await job.cancel(conn) is Cancellation.REQUESTED
    [claim] = await queue.fetch_unheld(conn, WORKER, [], until="infinity", limit=9)
    lost = Claim(claim.id, claim.key, Fence(uuid4(), claim.fence.locked_at), 1, claim.record)
    assert await queue.completions.release(conn, [lost]) == Unwritten(lost=[lost], suppressed=[])
    assert await queue.completions.release(conn, [claim]) is None
    assert await queue.apply_cancellations(conn) == {job.id}
    sync.execute(b"DELETE FROM " + table.identifier.as_bytes(None))


async def check_probes(conn: Conn, sync: Connection[Any], record: type[JobRecord]) -> None:
    """Query the table as one among others."""
    table, queue = record.__table__, JobQueue(record)
    name = table.qualified_name
    plain, strict = Probes([table]), Probes([table], strict={name})
    job = await record._create(conn, {})
    for probes in (plain, strict):
        for skip in (set(), {"another"}):
            due, locked = await probes.next_due(conn, skip)
            assert due
            assert {each.table for each in due} == {name}
            assert not locked
    await queue.claim(conn, WORKER, 1)
    await job.cancel(conn)
    counts, _ = await plain.count_claimed(conn, WORKER)
    assert (counts[name].count, counts[name].has_cancellations) == (1, True)
    [request], _ = await plain.cancellations(conn, WORKER)
    assert (request.table, request.job, request.is_mine) == (name, job.id, True)
    assert set(plain.orphaned(sync)) == {name}
    sync.execute(b"DELETE FROM " + table.identifier.as_bytes(None))


async def check_waits(conn: Conn, sync: Connection[Any], record: type[JobRecord]) -> None:
    """Look for the end of a job, and be notified of it."""
    table, ended = record.__table__, list[str]()
    one, other = await record._create_many(conn, [{}, {}])
    url = make_conninfo(**sync.info.get_parameters(), password=sync.info.password)
    waiting = WaitConnection(url, ended.append)
    waiting.open()
    assert waiting.attend(table)
    await one.cancel(conn)
    await other.delete(conn)
    assert waiting.find_ended(table, [one.id, other.id]) == ({one.id}, {other.id})
    waiting.receive()
    assert ended == [table.sql_name]
    assert waiting.fetch(table, record._rows(), [one.id]) == [await one.refresh(conn)]
    waiting.stop_attending(set())
    waiting.close()
    sync.execute(b"DELETE FROM " + table.identifier.as_bytes(None))


async def check_schema(conn: Conn, sync: Connection[Any], record: type[JobRecord]) -> None:
    """Create the table's indexes and triggers, and find them."""
    table = record.__table__
    assert await find_refused_changes(conn, table, "kind") == []
    has_priority = "priority" in table.columns
    kinds: list[IndexKind] = ["claim", "running", "retry"]
    for kind in [*kinds, "priority"] if has_priority else kinds:
        sync.execute(create_index(table, kind, is_partitioned=False).encode())
    assert await TriggerRepair([table]).repair(conn) == [table.qualified_name]
    for statement in create_wake_triggers(table, insert=True, update=True):
        name = statement.split(" ", 3)[2]
        assert name in statement
    shape = await read_table_shape(conn, table)
    assert shape is not None
    assert shape.has_claim_index
    assert shape.has_retry_index
    assert shape.has_running_index
    assert shape.has_priority_index is has_priority
    assert shape.wakes_on_insert
    assert shape.wakes_on_update
    assert tuple(shape.columns) == table.columns
    [[trigger]] = sync.execute(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass(%s) LIMIT 1", [table.sql_name]
    )
    sync.execute(enable_trigger(table, trigger).encode())


async def check_replay(conn: Conn, sync: Connection[Any], record: type[JobRecord]) -> None:
    """Find a job by the beginning of its id, and claim it."""
    job = await record._create(conn, {})
    found = find_job(sync, record.__table__, job.id.hex[:30])
    assert (found.id, found.has_ended) == (job.id, False)
    claim = await JobQueue(record).claim_job(conn, WORKER, job.id)
    assert claim is not None
    assert claim.id == job.id
    assert await JobQueue(record).claim_job(conn, WORKER, job.id) is None
    sync.execute(b"DELETE FROM " + record.__table__.identifier.as_bytes(None))


def check_retention(sync: Connection[Any], record: type[JobRecord]) -> None:
    """Find and delete an old job."""
    table = record.__table__
    jobs = ExpiredJobs(table, keep=timedelta(0), keep_failed=timedelta(0))
    assert jobs.take_turn(sync, owns_session=True).is_locked
    job = record._create_sync(sync, {})
    name = table.identifier.as_bytes(None)
    sync.execute(b"UPDATE " + name + b" SET status = 'job_status_failed'")
    [found] = jobs.find(sync, IdRange(FIRST_ID, LAST_ID), limit=2)
    assert (found.id, found.has_expired) == (job.id, True)
    assert jobs.delete(sync, [job.id]) == 1
    sync.execute(set_id_default(table).encode())


async def check_schedules(conn: Conn, sync: Connection[Any], record: type[JobRecord]) -> None:
    """Define schedules with a value in each of the user's columns, and run a tick."""
    table, schedules = record.__table__, Schedules(record.__table__)
    values = {column: number for number, column in enumerate(table.columns[9:])}
    defined = Definition("a", "@every 1h", "UTC", json.dumps(values), "latest", 1)
    assert await schedules.define(conn, defined, WORKER, is_start=True)
    assert await schedules.taken_names(conn, ["a"]) == []
    assert await has_schedules(conn, [table])
    assert (await fetch_forecast(conn, [table])).seconds == {table.sql_name: 0}
    async with conn.transaction():
        [due] = await schedules.lock_due(conn, limit=2)
        [job] = await schedules.insert(conn, [due.values], [due.now])
        next_at = due.now + timedelta(hours=1)
        await schedules.advance(conn, [Advance("a", next_at, due.now, job, None)])
    made = await record._get(conn, (job,))
    assert {column: getattr(made, table.attribute(column)) for column in values} == values
    [tick] = await schedules.computed_ticks(conn, after="", limit=9)
    await schedules.correct(conn, tick, due.now)
    assert await schedules.computed_ticks(conn, after="", limit=9) == []
    assert await schedules.delete_undefined(conn, []) == ["a"]
    every = Every(timedelta(hours=1), name="a")
    add_schedule_sync(sync, table, every, json.dumps(values))
    await add_schedule(conn, table, replace(every, name="b"))
    await change_schedule(conn, table, replace(every, name="b", catch_up="skip"))
    assert pause_schedule_sync(sync, table, "a")
    assert resume_schedule_sync(sync, table, "a")
    assert run_schedule_now_sync(sync, table, "a") is not None
    assert [shown.name for shown in await fetch_schedules(conn, [table])] == ["a", "b"]
    remove_schedule_sync(sync, table, "a")
    remove_schedule_sync(sync, table, "b")
    await conn.execute(b"DELETE FROM " + table.identifier.as_bytes(None))


async def check_priorities(conn: Conn, sync: Connection[Any], record: type[JobRecord]) -> None:
    """Run the statements for a kind with priorities."""
    table = replace(record.__table__, has_priority=True)
    sync.execute(
        b"ALTER TABLE " + table.identifier.as_bytes(None) + b" ALTER priority SET DEFAULT 0"
    )
    with_priority: Any = type("OddJob", (JobRecord,), {"__table__": table})
    await check_transitions(conn, sync, with_priority)
    await check_narrowing(conn, with_priority)
    await with_priority._create_many(conn, [{}, {}])
    assert measure_kind(sync, table).due == 2
    queue = JobQueue(with_priority)
    [claim] = await queue.claim(conn, WORKER, 1)
    after = Position("-infinity", claim.id, priority=0)
    assert len(await queue.claim(conn, WORKER, 5, after)) == 1
    sync.execute(b"DELETE FROM " + table.identifier.as_bytes(None))


async def check_unique(conn: Conn, sync: Connection[Any], record: type[JobRecord]) -> None:
    """Create, find and update jobs under a unique index of the user's columns."""
    table = record.__table__
    columns = table.columns[9:12]
    index = UniqueIndex(f"u{table.name}"[:30], columns=columns, statuses=("job_status_retry",))
    own = replace(table, unique_indexes=(index,))
    unique: Any = type("Unique", (record,), {"__table__": own})
    [problem] = await find_missing_unique_index(conn, own, is_partitioned=False)
    sync.execute(problem.statements[0].encode())
    assert await find_missing_unique_index(conn, own, is_partitioned=False) == []
    values: dict[str, Any] = {table.attribute(column): 1 for column in columns}
    others = {table.attribute(column): 2 for column in table.columns[12:]}
    job = await unique._create(conn, {**values, "status": JobStatus.RETRY})
    retry = {**values, "status": JobStatus.RETRY}
    assert await unique._get_or_create(conn, retry) == (job, False)
    changed = DuplicateKey(own, index, {**values, **others}).update()
    [updated] = fetch_rows_sync(sync, [changed], unique._rows())
    assert {attribute: getattr(updated, attribute) for attribute in others} == others
    key = DuplicateKey(own, index, values)
    types = fetch_rows_sync(sync, [key_columns(own, index)], tuple_row)
    assert [type_ for _, type_, _ in types] == ["integer"] * len(columns)
    selected = replace(key, columns=types).select()
    assert [row.id for row in fetch_rows_sync(sync, [selected], unique._rows())] == [job.id]
    assert unique._insert_many_sync(sync, [retry, retry]) == 0
    sync.execute(b"DELETE FROM " + table.identifier.as_bytes(None))
    schema = f"{Identifier(table.schema).as_string(None)}." if table.schema else ""
    sync.execute(f"DROP INDEX {schema}{Identifier(index.name).as_string(None)}".encode())


async def check_testing_kit(conn: Conn, sync: Connection[Any], record: type[JobRecord]) -> None:
    """Find the kind that is due first, and what waits, and move the clock."""
    made = record._create_sync(sync, {})
    assert await first_due_table(conn, [record.__table__]) == record.__table__.qualified_name
    assert enqueued_sync(record, sync) == [made]
    execute_sync(sync, move_back(record.__table__, timedelta(days=1)))
    assert enqueued_sync(record, sync)[0].run_at == made.run_at - timedelta(days=1)
    await make_due_now(conn, [record.__table__])
    made.delete_sync(sync)


async def check_everything(conn: Conn, sync: Connection[Any], record: type[JobRecord]) -> None:
    """Run every statement about the table, which must be empty."""
    await check_schema(conn, sync, record)
    await check_records(conn, sync, record)
    await check_unique(conn, sync, record)
    await check_transitions(conn, sync, record)
    await check_endings(conn, sync, record)
    await check_narrowing(conn, record)
    await check_operations(conn, sync, record)
    await check_probes(conn, sync, record)
    check_retention(sync, record)
    await check_replay(conn, sync, record)
    await check_waits(conn, sync, record)
    await check_schedules(conn, sync, record)
    await check_testing_kit(conn, sync, record)
    if "priority" in record.__table__.columns:
        await check_priorities(conn, sync, record)
