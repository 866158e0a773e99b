"""The tables, records and jobs with which the testing kit is tested."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import psycopg
from jobgen_runtime import (
    Cancel,
    Cron,
    Job,
    JobRecord,
    Record,
    Snooze,
    Table,
    connection_sync,
    current_attempt,
    install_schema_sync,
)
from jobgen_runtime.job_table.columns import JOB_COLUMNS

from tests.support.schema import job_block

SCHEMA = f"""
CREATE TYPE genre AS ENUM ('rock', 'jazz');
CREATE DOMAIN short AS VARCHAR(4) NOT NULL;
CREATE TABLE labels (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code short, UNIQUE (code));
CREATE TABLE bands (
    id UUID DEFAULT uuidv7() PRIMARY KEY NOT NULL,
    name TEXT NOT NULL UNIQUE,
    genre GENRE NOT NULL,
    label_id BIGINT NOT NULL REFERENCES labels (id),
    tags TEXT[] NOT NULL,
    document JSONB NOT NULL,
    founded DATE NOT NULL,
    size SMALLINT NOT NULL,
    price NUMERIC(3, 2) NOT NULL
);
CREATE TABLE people (id INT PRIMARY KEY NOT NULL, boss_id INT NOT NULL REFERENCES people (id));
CREATE TABLE positive (id INT PRIMARY KEY NOT NULL, amount INT NOT NULL CHECK (amount > 1000));
CREATE TABLE notes (id INT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text TEXT NOT NULL);
{job_block("Play", "what TEXT DEFAULT 'return' NOT NULL", "band_id UUID REFERENCES bands (id)")}
{job_block("PlaySync", "what TEXT DEFAULT 'return' NOT NULL")}
{job_block("Tour", "band_id UUID NOT NULL REFERENCES bands (id)")}
{job_block("Report", "failed_table TEXT NOT NULL", "failed_id UUID NOT NULL", "failed_error TEXT")}
{job_block("Daily")}
"""

PLAYED: list[Any] = []
"""What jobs of the running test have done, in order."""


def create_tables(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        install_schema_sync(conn)
        conn.execute(SCHEMA.encode())


class Label(Record):
    __table__ = Table("labels", columns=("id", "code"), key=("id",), required=("code",))
    id: int
    code: str


class Band(Record):
    __table__ = Table(
        "bands",
        columns=(
            *("id", "name", "genre", "label_id", "tags", "document", "founded", "size", "price"),
        ),
        key=("id",),
        json=("document",),
        required=("name", "genre", "label_id", "tags", "document", "founded", "size", "price"),
        defaults={"id": Table.UUID7},
    )
    id: UUID
    name: str
    genre: str
    label_id: int
    tags: list[str]
    document: Any
    size: int


class Person(Record):
    __table__ = Table("people", columns=("id", "boss_id"), key=("id",), required=("id", "boss_id"))
    id: int
    boss_id: int


class Positive(Record):
    __table__ = Table("positive", columns=("id", "amount"), key=("id",), required=("id", "amount"))
    id: int
    amount: int


class PlayJob(JobRecord):
    __table__ = Table("play_jobs", columns=(*JOB_COLUMNS, "what", "band_id"), key=("id",))
    what: str
    band_id: UUID | None


class PlaySyncJob(JobRecord):
    __table__ = Table("play_sync_jobs", columns=(*JOB_COLUMNS, "what"), key=("id",))
    what: str


class TourJob(JobRecord):
    __table__ = Table(
        "tour_jobs", columns=(*JOB_COLUMNS, "band_id"), key=("id",), required=("band_id",)
    )
    band_id: UUID


class ReportJob(JobRecord):
    __table__ = Table(
        "report_jobs",
        columns=(*JOB_COLUMNS, "failed_table", "failed_id", "failed_error"),
        key=("id",),
        required=("failed_table", "failed_id"),
    )
    failed_table: str
    failed_id: UUID
    failed_error: str | None


class DailyJob(JobRecord):
    __table__ = Table("daily_jobs", columns=(*JOB_COLUMNS,), key=("id",))


class Report(Job[ReportJob]):
    async def perform(self, job: ReportJob) -> None:
        PLAYED.append(("report", job.failed_table, job.failed_id))


class Play(Job[PlayJob]):
    """Do what the row says, on the event loop."""

    max_attempts = 2
    timeout = timedelta(seconds=30)
    on_failed = Report

    async def perform(self, job: PlayJob) -> None:
        PLAYED.append(job.what)
        match job.what.split():
            case ["raise", text]:
                raise ValueError(text)
            case ["snooze", seconds]:
                raise Snooze(for_=timedelta(seconds=float(seconds)))
            case ["cancel"]:
                raise Cancel("no longer wanted")
            case ["enqueue", what]:
                await PlayJob._create(None, {"what": what})
            case ["again"]:
                await PlayJob._create(None, {"what": "again"})
            case ["transaction"]:
                async with job.transaction() as conn:
                    await conn.execute("INSERT INTO notes (text) VALUES ('together')")
            case ["sleep"]:
                await asyncio.sleep(60)


class Impatient(Play):
    timeout = timedelta(seconds=0.05)


class Punctual(Play):
    expires_after = timedelta(minutes=5)


class PlaySync(Job[PlaySyncJob]):
    """Do what the row says, in a thread."""

    max_attempts = 1
    isolation = "process"
    calls: ClassVar[dict[str, Callable[[], object]]] = {}
    """What tests let jobs do."""

    def perform(self, job: PlaySyncJob) -> None:
        attempt = current_attempt()
        PLAYED.append((job.what, threading.get_ident(), attempt.attempt if attempt else None))
        if job.what == "note":
            with connection_sync() as conn:
                conn.execute("INSERT INTO notes (text) VALUES ('written')")
        elif job.what in self.calls:
            self.calls[job.what]()


class Daily(Job[DailyJob]):
    schedule = Cron("0 9 * * *", timezone="Europe/Berlin", catch_up="all")

    async def perform(self, job: DailyJob) -> None:
        PLAYED.append(job.run_at)
