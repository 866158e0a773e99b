"""What `jobgen info` knows about a project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from jobgen.check.finding import Finding
from jobgen.project import FoundFile, Project


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    """A column of a table.

    Attributes:
        name: Its name.
        type: Its type as Schema.sql spells it: `NUMERIC(10,2)`, `app.color[]`.
        nullable: Whether it allows NULL.
        has_default: Whether a row inserted without a value gets one.
        default: The constant, or the function's name with `()`; None for none, and for any other
            expression.
        references: The table that its foreign key refers to, as Schema.sql names it; None for
            no foreign key.
        unique: Whether it is UNIQUE alone.
        indexed: Whether an index begins with it.
        generated: Whether the database computes it, and an INSERT cannot give it a value.
        of_every_job: Whether it is one of the columns that every job's table has.
    """

    name: str
    type: str
    nullable: bool
    has_default: bool
    default: str | None
    references: str | None
    unique: bool
    indexed: bool
    generated: bool
    of_every_job: bool


@dataclass(frozen=True, slots=True)
class TableInfo:
    """A table.

    Attributes:
        name: Its name, with its schema unless that is the default one.
        line: The line of Schema.sql that creates it, from 1; None if only the database has it.
        record: The class of its rows in Types.py; None for a partition.
        is_job_table: Whether it is the table of a job.
        columns: Its columns in the order of the table.
    """

    name: str
    line: int | None
    record: str | None
    is_job_table: bool
    columns: tuple[ColumnInfo, ...]


@dataclass(frozen=True, slots=True)
class JobInfo:
    """A job.

    Attributes:
        name: Its name, which is also that of its class.
        app: Its application.
        path: Its module's file.
        module: Its module's dotted name; None if it cannot be imported.
        line: The line of its class, from 1; None if the file has no such class.
        table: Its table; None if Schema.sql has none.
        columns: Its own columns: those that not every job has.
        options: The Python source of each option that its class sets.
        is_async: Whether `perform` is `async def`; None if the class does not define it.
        registered: For each list of jobs whether it has the job; None for a list whose entries
            cannot be determined from the file.
        problem: Why its class cannot be read; None if it can.
    """

    name: str
    app: str
    path: PurePosixPath
    module: str | None
    line: int | None
    table: str | None
    columns: tuple[ColumnInfo, ...]
    options: Mapping[str, str]
    is_async: bool | None
    registered: Mapping[PurePosixPath, bool | None]
    problem: str | None


@dataclass(frozen=True, slots=True)
class DatabaseInfo:
    """The database that jobgen and the workers use.

    Attributes:
        source: DATABASE_URL, or the project's own server.
        address: Its address without password and settings; None if the project's own server does
            not run, or the address cannot be read.
    """

    source: Literal["DATABASE_URL", "project"]
    address: str | None


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions in use.

    Attributes:
        jobgen: That of this jobgen.
        runtime: That of jobgen-runtime in the project's environment; None if it has none.
        python: That of the project's Python; None if it has none.
    """

    jobgen: str
    runtime: str | None
    python: str | None


@dataclass(frozen=True, slots=True)
class ProjectInfo:
    """Everything about a project.

    Attributes:
        project: Its options and paths.
        name: Its name in pyproject.toml, otherwise its folder's.
        layout: The layout that its paths follow, `guide` or `pep8`.
        applications: Its applications, the default one first.
        jobs: Its jobs.
        tables: The tables of Schema.sql; None if it cannot be read.
        scripts: Its scripts.
        database: Its database.
        versions: The versions in use.
        findings: What `jobgen check --no-database` finds.
        not_checked: What could not be checked, as sentences.
    """

    project: Project
    name: str
    layout: str
    applications: tuple[str, ...]
    jobs: tuple[JobInfo, ...]
    tables: tuple[TableInfo, ...] | None
    scripts: tuple[FoundFile, ...]
    database: DatabaseInfo
    versions: Versions
    findings: tuple[Finding, ...]
    not_checked: tuple[str, ...]
