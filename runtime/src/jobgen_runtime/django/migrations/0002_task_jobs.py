"""Create the table of `TasksBackend`, which runs Django's Tasks."""

from __future__ import annotations

from django.db import migrations

from jobgen_runtime.django.operations import RunOnPostgreSQL
from jobgen_runtime.django.tasks.sql import read


class Migration(migrations.Migration):
    """It is empty in projects that do not use the backend."""

    dependencies = [("jobgen", "0001_runtime_schema")]  # noqa: RUF012 -- as Django declares it
    operations = [  # noqa: RUF012 -- as above
        RunOnPostgreSQL(
            "Create the table of tasks", read("create_task_jobs"), read("drop_task_jobs")
        )
    ]
