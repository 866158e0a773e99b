"""Conversions of types that an application registers for all of its connections."""

from __future__ import annotations

import contextlib
import json
import signal

import pytest

from tests.support.application import Application
from tests.support.rows import Rows

MAIN = """
import uuid, datetime, time
import psycopg
from psycopg.adapt import Dumper, Loader
from psycopg.types.json import JsonDumper
from psycopg.types.string import ByteaLoader, StrBinaryDumper, TextLoader


class Refuses(Dumper):
    def dump(self, value):
        raise NotImplementedError("not with this dumper")


class Seconds(Loader):
    def load(self, data):
        return time.time()


{register}

from Web.Job.Probe import Probe

workers = [Probe]
"""

LOADERS = {
    "uuid as str": "psycopg.adapters.register_loader('uuid', TextLoader)",
    "timestamptz as float": "psycopg.adapters.register_loader('timestamptz', Seconds)",
    "numbers as str": (
        "for name in ('int2', 'int4', 'int8'): psycopg.adapters.register_loader(name, TextLoader)"
    ),
    "text as bytes": "for oid in (0, 25): psycopg.adapters.register_loader(oid, ByteaLoader)",
    "bool as str": "psycopg.adapters.register_loader('bool', TextLoader)",
}
DUMPERS = {
    "no uuid": "psycopg.adapters.register_dumper(uuid.UUID, Refuses)",
    "no timedelta": "psycopg.adapters.register_dumper(datetime.timedelta, Refuses)",
    "no int": "psycopg.adapters.register_dumper(int, Refuses)",
    "no str": "psycopg.adapters.register_dumper(str, Refuses)",
    "binary str": "psycopg.adapters.register_dumper(str, StrBinaryDumper)",
    "list as json": "psycopg.adapters.register_dumper(list, JsonDumper)",
}

ENDS = """
async def perform(self, job):
    assert type(job.id).__name__ == "UUID" and type(job.attempts_count) is int
    assert job.run_at <= job.locked_at
    if job.what == "transaction":
        async with job.transaction():
            pass
    if job.what == "retry" and job.attempts_count == 1:
        raise ValueError("Grüße")
    if job.what == "snooze" and not os.path.exists("snoozed"):
        open("snoozed", "w").close()
        raise Snooze(timedelta(0))
"""


@pytest.mark.parametrize(
    "register", [*LOADERS.values(), *DUMPERS.values()], ids=[*LOADERS, *DUMPERS]
)
def test_jobs_end_whatever_adapters_the_application_registers(
    app: Application, rows: Rows, register: str
) -> None:
    app.write("WorkerMain.py", MAIN.format(register=register))
    app.write_job("from jobgen_runtime import Snooze\n" + ENDS)
    [orphan] = rows.insert()
    rows.conn.execute(
        "UPDATE probe_jobs SET status = 'job_status_running', locked_by = gen_random_uuid(),"
        " locked_at = now(), attempts_count = 1"
    )
    ends = ("return", "retry", "snooze", "transaction")
    jobs = [job for end in ends for job in rows.insert(end, n=2)]
    worker = app.run_jobs("--heartbeat", "1")
    rows.wait_for_status([orphan, *jobs], "succeeded")
    assert rows.conn.execute("SELECT count(*) FROM job_workers").fetchone() == (1,)
    worker.send_signal(signal.SIGTERM)
    output = worker.wait_for_exit()
    assert "no longer" not in output
    assert "Traceback" not in output
    assert rows.conn.execute("SELECT count(*) FROM job_workers").fetchone() == (0,)


def test_columns_of_the_application_follow_its_adapters(app: Application, rows: Rows) -> None:
    rows.conn.execute("ALTER TABLE probe_jobs ADD customer UUID DEFAULT gen_random_uuid()")
    types = (app.root / "Generated/Types.py").read_text()
    app.write("Generated/Types.py", types.replace('"what",', '"what",\n        "customer",', 1))
    app.write("WorkerMain.py", MAIN.format(register=LOADERS["uuid as str"]))
    app.write_job("async def perform(self, job): print(type(job.customer), type(job.id))")
    rows.insert()
    output = app.start("run-jobs", "--drain").wait_for_exit()
    assert "<class 'str'> <class 'uuid.UUID'>" in output


ERRORS = [
    "RecursionError('too deep')",
    "NotImplementedError",
    "KeyError('name')",
    "type('Unprintable', (Exception,), {'__str__': lambda self: 1 / 0})",
    "SystemExit('no')",
    "GeneratorExit",
    "ValueError('\\0' + '\\ud800' + 'x' * 100000)",
]
RAISES = f"""
ERRORS = [{", ".join(ERRORS)}]


class Raises(Loader):
    def load(self, data):
        raise ERRORS[int(bytes(data).strip(b"()").partition(b",")[0])]


psycopg.adapters.register_loader("point", Raises)
"""


def test_row_whose_loader_raises_fails_alone(app: Application, rows: Rows) -> None:
    rows.conn.execute("ALTER TABLE probe_jobs ADD place POINT")
    types = (app.root / "Generated/Types.py").read_text()
    app.write("Generated/Types.py", types.replace('"what",', '"what",\n        "place",', 1))
    app.write("WorkerMain.py", MAIN.format(register=RAISES))
    app.write_job("async def perform(self, job): pass", options="max_attempts = 1\n")
    first, *bad, last = rows.insert(n=2 + len(ERRORS))
    for number, job in enumerate(bad):
        rows.conn.execute("UPDATE probe_jobs SET place = point(%s, 0) WHERE id = %s", (number, job))
    app.start("run-jobs", "--drain").wait_for_exit(1)
    assert [rows.get(job).status for job in (first, last)] == ["job_status_succeeded"] * 2
    for job, error in zip(bad, ERRORS, strict=True):
        row = rows.get(job)
        assert row.status == "job_status_failed", error
        assert row.last_error.startswith("The row cannot be decoded: "), error


def test_row_with_deeply_nested_json_fails_alone(app: Application, rows: Rows) -> None:
    with contextlib.suppress(RecursionError):
        json.loads("[" * 3000 + "]" * 3000)
        pytest.skip("needs a Python whose JSON decoder refuses such depth: before 3.13")
    rows.conn.execute("ALTER TABLE probe_jobs ADD document JSONB")
    types = (app.root / "Generated/Types.py").read_text()
    app.write("Generated/Types.py", types.replace('"what",', '"what",\n        "document",', 1))
    app.write_job("async def perform(self, job): pass", options="max_attempts = 1\n")
    [first, bad, last] = rows.insert(n=3)
    rows.conn.execute(
        "UPDATE probe_jobs SET document = (repeat('[', 3000) || repeat(']', 3000))::jsonb"
        " WHERE id = %s",
        (bad,),
    )
    app.start("run-jobs", "--drain").wait_for_exit(1)
    assert "RecursionError" in rows.get(bad).last_error
    assert {rows.get(job).status for job in (first, last)} == {"job_status_succeeded"}


def test_infinite_and_enormous_intervals_are_never_read_as_zero(
    app: Application, rows: Rows
) -> None:
    if rows.conn.info.server_version < 170000:
        pytest.skip("needs infinite intervals: PostgreSQL 17 or newer")
    rows.conn.execute("ALTER TABLE probe_jobs ADD pause INTERVAL, ADD pauses INTERVAL[]")
    types = (app.root / "Generated/Types.py").read_text()
    columns = '"what",\n        "pause",\n        "pauses",'
    app.write("Generated/Types.py", types.replace('"what",', columns, 1))
    app.write_job(
        """
        async def perform(self, job):
            [found] = await ProbeJob.fetch_all("SELECT * FROM probe_jobs WHERE id = %s", [job.id])
            assert (found.pause, found.pauses) == (job.pause, job.pauses)
            print("pause", job.pause == timedelta.max, job.pauses == [timedelta.min])
        """,
        options="max_attempts = 1\n",
    )
    [infinite, enormous, usual] = rows.insert(n=3)
    for job, pause, pauses in (
        (infinite, "infinity", "{-infinity}"),
        (enormous, "178000000 years", None),
        (usual, "1 day", "{}"),
    ):
        rows.conn.execute(
            "UPDATE probe_jobs SET pause = %s, pauses = %s WHERE id = %s", (pause, pauses, job)
        )
    output = app.start("run-jobs", "--drain").wait_for_exit(1)
    assert output.count("pause True True") == 1
    assert output.count("pause False False") == 1
    assert rows.get(enormous).status == "job_status_failed"
    assert "178000000 years" in rows.get(enormous).last_error
