"""Rows of jobs' tables."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Connection

from jobgen_runtime.contract import Cancellation, JobStatus
from jobgen_runtime.control import (
    cancel_job,
    cancel_job_sync,
    pause_kind,
    pause_kind_sync,
    resume_kind,
    resume_kind_sync,
    retry_job,
    retry_job_sync,
)
from jobgen_runtime.record.record import Record
from jobgen_runtime.record.transaction import transaction, transaction_sync


class JobRecord(Record):
    """A row of a job's table: a job, its state, and how its attempts went."""

    id: UUID
    created_at: datetime
    updated_at: datetime
    status: JobStatus
    last_error: str | None
    attempts_count: int
    locked_at: datetime | None
    locked_by: UUID | None
    run_at: datetime

    def transaction(self) -> AbstractAsyncContextManager[AsyncConnection[tuple[Any, ...]]]:
        """Inside `perform`: a connection, in a transaction that ends with the job's success.

        All that is written over the connection and the success commit together, or neither: an
        error in the block undoes both, and the job has failed. What `perform` raises after the
        block is logged and changes nothing any more.

        Raises TransactionNotAllowed unless this is the job that runs, and has no such transaction
        yet; ClaimLost, at the block's end, if another worker has the job by now.
        """
        return transaction(self.__table__.qualified_name, self.id)

    def transaction_sync(self) -> AbstractContextManager[Connection[tuple[Any, ...]]]:
        """The plain twin of `transaction`."""
        return transaction_sync(self.__table__.qualified_name, self.id)

    async def cancel(self, conn: AsyncConnection[Any] | None = None, /) -> Cancellation:
        """Ends this job for good, on whichever worker: what that did is returned.

        This record stays as it is; `refresh` reads what has become of the job. Raises
        RecordNotFound if it is gone.
        """
        return await cancel_job(conn, self.__table__, self.id)

    def cancel_sync(self, conn: Connection[Any] | None = None, /) -> Cancellation:
        """The plain twin of `cancel`."""
        return cancel_job_sync(conn, self.__table__, self.id)

    async def retry(self, conn: AsyncConnection[Any] | None = None, /) -> None:
        """Starts this job over: due now, with all its attempts.

        This record stays as it is. Raises JobRunning while the job runs; DuplicateJob if a unique
        index does not allow it beside another job; RecordNotFound if it is gone.
        """
        await retry_job(conn, self.__table__, self.id)

    def retry_sync(self, conn: Connection[Any] | None = None, /) -> None:
        """The plain twin of `retry`."""
        retry_job_sync(conn, self.__table__, self.id)

    @classmethod
    async def pause(cls, conn: AsyncConnection[Any] | None = None, /) -> bool:
        """Lets no job of this kind start any more, on whichever worker; what runs goes on.

        False: the kind was paused already.
        """
        return await pause_kind(conn, cls.__table__)

    @classmethod
    def pause_sync(cls, conn: Connection[Any] | None = None, /) -> bool:
        """The plain twin of `pause`."""
        return pause_kind_sync(conn, cls.__table__)

    @classmethod
    async def resume(cls, conn: AsyncConnection[Any] | None = None, /) -> bool:
        """Lets jobs of this kind start again: those that are due do so at once.

        False: the kind was not paused.
        """
        return await resume_kind(conn, cls.__table__)

    @classmethod
    def resume_sync(cls, conn: Connection[Any] | None = None, /) -> bool:
        """The plain twin of `resume`."""
        return resume_kind_sync(conn, cls.__table__)

    @classmethod
    def _enums(cls) -> Mapping[str, type[Enum]]:
        return {**cls.__table__.enums, "status": JobStatus}
