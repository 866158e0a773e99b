"""Django's connections around each attempt of a job, as Django has them around each request."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, AbstractContextManager
from types import TracebackType

from asgiref.sync import SyncToAsync, ThreadSensitiveContext, sync_to_async
from django.db import connections


class DjangoConnections(AbstractContextManager[None], AbstractAsyncContextManager[None]):
    """A hook for all jobs, whose blocks are one attempt.

    A thread's connection is closed once it is broken or older than CONN_MAX_AGE. An asynchronous
    job has Django's synchronous code run in a thread of its attempt, whose connections are closed
    at the end; so it does not wait for other jobs.
    """

    def __init__(self, _job: object) -> None:
        self._context: ThreadSensitiveContext | None = None

    def __enter__(self) -> None:
        """Begin an attempt in this thread."""
        _close_old_connections()

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """End the attempt."""
        _close_old_connections()

    async def __aenter__(self) -> None:
        """Begin an attempt of an asynchronous job."""
        if SyncToAsync.thread_sensitive_context.get(None) is None:
            self._context = ThreadSensitiveContext()
            await self._context.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the attempt, and the thread of Django's synchronous code if there is one."""
        if self._context is None:
            return
        try:
            if self._context in SyncToAsync.context_to_thread_executor:
                await sync_to_async(connections.close_all)()
        finally:
            await self._context.__aexit__(kind, error, trace)


def _close_old_connections() -> None:
    """Do as `django.db.close_old_connections`, but leave those that are inside `atomic()`.

    There are such ones in a test alone, which runs jobs in its thread and its transaction.
    """
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
