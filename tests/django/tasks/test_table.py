"""The table of tasks, as the application's migration creates it."""

from __future__ import annotations

import psycopg
from jobgen_runtime.django.tasks.record import DjangoTaskJob
from jobgen_runtime.django.tasks.sql import read

from jobgen.columns.arguments import parse_columns
from jobgen.job_block.render import render_block
from jobgen.naming import parse_job_name
from jobgen.render import load_template
from jobgen.schema.model import Schema


def test_migration_contains_the_block_that_jobgen_job_writes() -> None:
    columns = parse_columns(["task:text", "priority:smallint=0"], Schema())
    block = render_block(load_template("schema"), parse_job_name("DjangoTask"), columns, Schema())
    table, _, rest = block.partition(");\n")
    created = read("create_task_jobs")
    assert created.startswith(table.partition("    priority")[0])
    assert "priority SMALLINT DEFAULT 0 NOT NULL" in created
    assert rest in created


def test_record_has_the_columns_of_the_table(runtime_database: str) -> None:
    with psycopg.connect(runtime_database) as conn:
        conn.execute(read("create_task_jobs").encode())
        row = DjangoTaskJob.create_sync(conn, task="polls.tasks.add", args=[1], priority=3)
        assert DjangoTaskJob.get_sync(row.id, conn) == row
        defaults = DjangoTaskJob._build({"task": "polls.tasks.add", "args": [1], "priority": 3})
        for name in DjangoTaskJob.__table__.defaults:
            assert getattr(row, name) == getattr(defaults, name)
        columns = conn.execute("SELECT * FROM django_task_jobs").description or ()
        assert tuple(column.name for column in columns) == DjangoTaskJob.__table__.columns
        conn.execute(read("drop_task_jobs").encode())
