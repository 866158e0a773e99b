"""`JobRecord`: a typed row of a job table, with the operations that an operator needs."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import datetime, timedelta
from enum import Enum
from types import MappingProxyType
from typing import Any, Self
from uuid import UUID

from psycopg import AsyncConnection, Connection

from jobgen_runtime.contract.context import JobContext, TransactionState, current_job
from jobgen_runtime.contract.states import ENDED, Cancellation, JobStatus
from jobgen_runtime.control import (
    cancel_job,
    cancel_job_sync,
    delete_job,
    delete_job_sync,
    pause_kind,
    pause_kind_sync,
    resume_kind,
    resume_kind_sync,
    retry_job,
    retry_job_sync,
)
from jobgen_runtime.database import AsyncCallerConnection, CallerConnection, Statement
from jobgen_runtime.record.errors import claim_lost, refuse_runtime_columns
from jobgen_runtime.record.observed_record import ObservedRecord
from jobgen_runtime.record.statements import (
    SET_UPDATED_AT,
    fence_condition,
    select_by_key,
    update_by_key,
)
from jobgen_runtime.record.transaction import require_no_lock, transaction, transaction_sync
from jobgen_runtime.record.unique import keeping_transaction, keeping_transaction_sync
from jobgen_runtime.record.wait_call import WaitCall
from jobgen_runtime.table import Table
from jobgen_runtime.waits import begin_wait

_DEFAULTS: Mapping[str, object] = MappingProxyType(
    {
        "id": Table.UUID7,
        "created_at": Table.NOW,
        "updated_at": Table.NOW,
        "status": JobStatus.NOT_STARTED,
        "attempts_count": 0,
        "run_at": Table.NOW,
    }
)
"""The defaults of the columns that every job has, except for NULL."""


class JobRecord(ObservedRecord):
    """A row of a job table: a job with its status and its attempts."""

    id: UUID
    created_at: datetime
    updated_at: datetime
    status: JobStatus
    last_error: str | None
    attempts_count: int
    locked_at: datetime | None
    locked_by: UUID | None
    run_at: datetime

    async def delete(self, conn: AsyncCallerConnection | None = None, /) -> None:
        """Delete this job. The record keeps its values.

        Raises:
            JobRunning: The job is running.
            RecordNotFound: The job is gone.
            TransitionSuppressed: A trigger or a policy of the table kept the job.
        """
        self._require_row("delete")
        await delete_job(conn, self.__table__, self.id)

    def delete_sync(self, conn: CallerConnection | None = None, /) -> None:
        """Delete this job; the synchronous version of `delete`."""
        self._require_row("delete_sync")
        delete_job_sync(conn, self.__table__, self.id)

    def transaction(self) -> AbstractAsyncContextManager[AsyncConnection[tuple[Any, ...]]]:
        """Open a transaction that commits the job's own writes together with its success.

        To be used inside `perform`: `async with job.transaction() as conn`. An error in the block
        rolls back the writes and the success, and the job fails. Once the block has committed, the
        job is succeeded: what `perform` raises afterwards is only logged.

        Raises:
            TransactionNotAllowed: This is not the job that runs, or it has opened its transaction
                already.
            ClaimLost: At the end of the block, if the job was cancelled or taken over meanwhile.
        """
        self._require_row("transaction")
        return transaction(self.__table__, self.id)

    def transaction_sync(self) -> AbstractContextManager[Connection[tuple[Any, ...]]]:
        """Open the job's transaction; the synchronous version of `transaction`."""
        self._require_row("transaction_sync")
        return transaction_sync(self.__table__, self.id)

    async def cancel(self, conn: AsyncCallerConnection | None = None, /) -> Cancellation:
        """Cancel this job, whether it waits or runs on a worker, and return what that did.

        The record is not changed; `refresh` reads the job's new state.

        Raises:
            RecordNotFound: The job is gone.
        """
        self._require_row("cancel")
        return await cancel_job(conn, self.__table__, self.id)

    def cancel_sync(self, conn: CallerConnection | None = None, /) -> Cancellation:
        """Cancel this job; the synchronous version of `cancel`."""
        self._require_row("cancel_sync")
        return cancel_job_sync(conn, self.__table__, self.id)

    async def retry(self, conn: AsyncCallerConnection | None = None, /) -> None:
        """Run this job again now, with all of its attempts.

        The record is not changed.

        Raises:
            JobRunning: The job is running.
            DuplicateJob: A unique index does not allow this job next to another one.
            RecordNotFound: The job is gone.
        """
        self._require_row("retry")
        async with keeping_transaction(conn, self.__table__):
            await retry_job(conn, self.__table__, self.id)

    def retry_sync(self, conn: CallerConnection | None = None, /) -> None:
        """Run this job again; the synchronous version of `retry`."""
        self._require_row("retry_sync")
        with keeping_transaction_sync(conn, self.__table__):
            retry_job_sync(conn, self.__table__, self.id)

    async def wait(
        self,
        *,
        timeout: timedelta | float | None = None,  # noqa: ASYNC109 -- many share one connection
    ) -> Self:
        """Wait until this job has ended, read its final row into this record, and return it.

        A job has ended once it has succeeded, failed or timed out for the last time. One that has
        ended already is returned at once.

        Args:
            timeout: How long to wait, as a timedelta or in seconds; None waits as long as it takes.

        Raises:
            WaitTimedOut: The job has not ended in time. It goes on.
            RecordNotFound: The job is gone, or was created in a transaction that is not committed.
            WaitNotAllowed: The job would wait for itself, or for a job of the same kind without a
                timeout.
        """
        call = self._begin_wait("wait", timeout)
        with call.explaining():
            await self.refresh()
            if self.status in ENDED:
                return self
            wait = begin_wait(self.__table__, self._rows(), call.job)
            ended = await wait.until_ended(call.seconds_left)
        if ended is None:
            raise call.timed_out()
        return self._become(ended)

    def wait_sync(self, *, timeout: timedelta | float | None = None) -> Self:
        """Wait until this job has ended; the synchronous version of `wait`.

        Raises:
            WaitNotAllowed: Also if an event loop runs in this thread, which would stand still.
        """
        call = self._begin_wait("wait_sync", timeout)
        with call.explaining():
            self.refresh_sync()
            if self.status in ENDED:
                return self
            wait = begin_wait(self.__table__, self._rows(), call.job)
            ended = wait.until_ended_sync(call.seconds_left)
        if ended is None:
            raise call.timed_out()
        return self._become(ended)

    @classmethod
    async def pause(cls, conn: AsyncCallerConnection | None = None, /) -> bool:
        """Stop all workers from starting jobs of this kind; running jobs continue.

        Returns:
            Whether that changed anything: False if the kind was already paused.
        """
        return await pause_kind(conn, cls.__table__)

    @classmethod
    def pause_sync(cls, conn: CallerConnection | None = None, /) -> bool:
        """Pause this kind of job; the synchronous version of `pause`."""
        return pause_kind_sync(conn, cls.__table__)

    @classmethod
    async def resume(cls, conn: AsyncCallerConnection | None = None, /) -> bool:
        """Let workers start jobs of this kind again; due jobs start at once.

        Returns:
            Whether that changed anything: False if the kind was not paused.
        """
        return await resume_kind(conn, cls.__table__)

    @classmethod
    def resume_sync(cls, conn: CallerConnection | None = None, /) -> bool:
        """Resume this kind of job; the synchronous version of `resume`."""
        return resume_kind_sync(conn, cls.__table__)

    def _begin_wait(self, method: str, timeout: timedelta | float | None) -> WaitCall:
        key = self._row_key(method)
        return WaitCall(type(self), self.__table__, key, method=method, timeout=timeout)

    def _update_statement(
        self,
        caller: str,
        key: tuple[object, ...],
        values: Mapping[str, object],
        conn: AsyncCallerConnection | CallerConnection | None,
    ) -> Statement:
        table = self.__table__
        refuse_runtime_columns(caller, table, values)
        if context := self._own_context():
            require_no_lock(context, conn)
        return update_by_key(
            table, key, values, caller=caller, more=SET_UPDATED_AT, fence=self._fence()
        )

    def _existence_statement(self, key: tuple[object, ...]) -> Statement:
        return select_by_key(self.__table__, key, fence=self._fence())

    def _not_changed(self, key: tuple[object, ...], *, row_exists: bool) -> Exception:
        if not row_exists and self._fence():
            return claim_lost(self.__table__, key)
        return super()._not_changed(key, row_exists=row_exists)

    def _fence(self) -> str:
        """Return the condition that the row still belongs to the attempt that this code is part of.

        It is empty outside of the job's own `perform`, and once its transaction has committed.
        """
        context = self._own_context()
        return fence_condition(context.fence) if context else ""

    def _own_context(self) -> JobContext | None:
        """Return the attempt of this job that this code is part of; None if there is none."""
        context = current_job.get()
        if context is None or context.state is TransactionState.COMMITTED:
            return None
        # As text, because the application may load a UUID as something else.
        job = (self.__table__.qualified_name, str(self.id))
        return context if (context.table, str(context.id)) == job else None

    @classmethod
    def _defaults(cls) -> Mapping[str, object]:
        return {**_DEFAULTS, **cls.__table__.defaults}

    @classmethod
    def _enums(cls) -> Mapping[str, type[Enum]]:
        return {**cls.__table__.enums, "status": JobStatus}
