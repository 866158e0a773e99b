"""`DjangoTaskJob`: a row of `django_task_jobs`, which the app's migration creates."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.database.callers import CallerConnection
from jobgen_runtime.record import JobRecord
from jobgen_runtime.table import Table


class DjangoTaskJob(JobRecord):
    """One call of a `@task` function.

    Attributes:
        task: The function's dotted path.
        args, kwargs: Its arguments.
        queue_name, backend, run_after, priority: What the task was enqueued with.
        started_at: When the first attempt began.
        last_attempted_at: When the latest attempt began.
        worker_ids: The workers of the attempts, in their order.
        errors: The attempts that raised: each with its number, the class of the exception and the
            traceback.
        result: What the function returned.
        traceparent: The span that enqueued the task, if spans are made: docs/telemetry.md.
    """

    __table__: ClassVar = Table(
        "django_task_jobs",
        columns=(
            "id",
            "created_at",
            "updated_at",
            "status",
            "last_error",
            "attempts_count",
            "locked_at",
            "locked_by",
            "run_at",
            "task",
            "args",
            "kwargs",
            "queue_name",
            "backend",
            "run_after",
            "priority",
            "started_at",
            "last_attempted_at",
            "worker_ids",
            "errors",
            "result",
            "traceparent",
        ),
        key=("id",),
        required=("task",),
        json=("args", "kwargs", "errors", "result"),
        defaults={
            "args": [],
            "kwargs": {},
            "queue_name": "default",
            "backend": "default",
            "priority": 0,
            "worker_ids": [],
            "errors": [],
        },
        enums={"status": JobStatus},
        has_priority=True,
        has_traceparent=True,
    )

    __function_column__: ClassVar = "task"
    """The column with the function that a row runs, which spans name: docs/telemetry.md."""

    task: str
    args: list[Any]
    kwargs: dict[str, Any]
    queue_name: str
    backend: str
    run_after: datetime | None
    priority: int
    started_at: datetime | None
    last_attempted_at: datetime | None
    worker_ids: list[UUID]
    errors: list[dict[str, Any]]
    result: Any
    traceparent: str | None

    @classmethod
    def create_sync(cls, conn: CallerConnection | None = None, /, **values: Any) -> DjangoTaskJob:
        """Insert a row; see `create_sync` of generated records."""
        return cls._create_sync(conn, values)

    @classmethod
    def get_sync(cls, id: UUID, /, conn: CallerConnection | None = None) -> DjangoTaskJob:  # noqa: A002 -- the column
        """Read a row; see `get_sync` of generated records."""
        return cls._get_sync(conn, (id,))

    def update_sync(self, conn: CallerConnection | None = None, /, **changes: Any) -> DjangoTaskJob:
        """Write columns of the row; see `update_sync` of generated records."""
        return self._update_sync(conn, changes)
