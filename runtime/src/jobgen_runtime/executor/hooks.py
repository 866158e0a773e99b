"""Call `perform` inside the hooks of its class and its project."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from types import CoroutineType
from typing import Any, Protocol

from jobgen_runtime.contract.errors import HookMisused
from jobgen_runtime.contract.states import JobRow
from jobgen_runtime.executor.forks import exit_fork, is_fork
from jobgen_runtime.executor.results import is_awaitable, require_finished
from jobgen_runtime.job import Job
from jobgen_runtime.job.hooks import HookStyle, check_hooks, hook_name, style_of

_Perform = Callable[[Any], Any]
_AsyncPerform = Callable[[Any], Awaitable[None]]
_SyncPerform = Callable[[Any], None]


class Performs(Protocol):
    """What has a `perform`: a job, or a job inside its hooks."""

    @property
    def perform(self) -> Callable[[Any], Any]:
        """Return the function that runs one attempt."""


class _Hooked:
    """A job inside its hooks."""

    def __init__(self, perform: _Perform) -> None:
        self.perform = perform


def with_hooks(job: Job[Any], hooks: Sequence[object]) -> Performs:
    """Return the job with the hooks around it; the job itself if there are none.

    Args:
        job: The job. The hook of its class is the innermost.
        hooks: The hooks of its project, outermost first.

    Raises:
        InvalidJob: One of them is not a hook, or cannot wait for the job.
    """
    is_async = job.is_async()
    if hooks:
        check_hooks(hooks, [type(job)])
    styles = [(hook_name(hook), hook, style_of(hook)) for hook in hooks]
    if type(job).around is not Job.around:
        style = HookStyle.ASYNC if is_async else HookStyle.SYNC
        styles.append((f"{type(job).__qualname__}.around", job.around, style))
    if not styles:
        return job
    perform = _async_perform(job) if is_async else _sync_perform(job)
    for name, hook, style in reversed(styles):
        perform = _WRAPPERS[is_async, style](name, hook, perform)
    return _Hooked(perform)


def _async_perform(job: Job[Any]) -> _AsyncPerform:
    async def perform(record: JobRow) -> None:
        with _leaving_forks():
            result: object = job.perform(record)
            if is_awaitable(result):
                result = await result  # type: ignore[misc]  # it is awaitable
            require_finished(result)

    return perform


def _sync_perform(job: Job[Any]) -> _SyncPerform:
    def perform(record: JobRow) -> None:
        with _leaving_forks():
            result: object = job.perform(record)
            if isinstance(result, CoroutineType):
                # The hooks cannot wait for it.
                result.close()
            require_finished(result)

    return perform


class _leaving_forks:  # noqa: N801 -- used like a function
    """End a forked process that leaves the block: it must not run the rest of the hooks."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if is_fork():
            exit_fork(error)


def _around_async(name: str, hook: Any, inner: _AsyncPerform) -> _AsyncPerform:
    async def perform(record: JobRow) -> None:
        call = _AsyncCall(name, inner, record)
        try:
            await hook(record, call)
        finally:
            await call.end()
        call.require_called_once()

    return perform


def _around_sync(name: str, hook: Any, inner: _SyncPerform) -> _SyncPerform:
    def perform(record: JobRow) -> None:
        call = _SyncCall(name, inner, record)
        try:
            hook(record, call)
        finally:
            call.is_over = True
        call.require_called_once()

    return perform


def _in_manager_async(name: str, hook: Any, inner: _AsyncPerform) -> _AsyncPerform:
    async def perform(record: JobRow) -> None:
        manager: object = hook(record)
        if isinstance(manager, AbstractAsyncContextManager):
            async with manager:
                await inner(record)
        else:
            with _require_manager(name, manager):
                await inner(record)

    return perform


def _in_manager_sync(name: str, hook: Any, inner: _SyncPerform) -> _SyncPerform:
    def perform(record: JobRow) -> None:
        with _require_manager(name, hook(record)):
            inner(record)

    return perform


_WRAPPERS: dict[tuple[bool, HookStyle], Callable[[str, Any, Any], Any]] = {
    (True, HookStyle.ASYNC): _around_async,
    (True, HookStyle.ASYNC_MANAGER): _in_manager_async,
    (True, HookStyle.MANAGER): _in_manager_async,
    (False, HookStyle.SYNC): _around_sync,
    (False, HookStyle.MANAGER): _in_manager_sync,
}


def _require_manager(name: str, manager: object) -> AbstractContextManager[Any]:
    if not isinstance(manager, AbstractContextManager):
        raise HookMisused(f"The hook {name} returned {manager!r}, which is not a context manager.")
    return manager


class _Call:
    """One `call_next` of a hook, which may be called once."""

    def __init__(self, name: str, inner: _Perform, record: JobRow) -> None:
        self._name = name
        self._inner = inner
        self._record = record
        self._began = False
        self.is_over = False
        """Whether the hook has returned."""
        self._problem: HookMisused | None = None

    def require_called_once(self) -> None:
        """Check how the hook has called it.

        Raises:
            HookMisused: It was not called, or not as it must be.
        """
        if self._problem is not None:
            raise self._problem
        if not self._began:
            raise HookMisused(
                f"The hook {self._name} never called call_next, so perform did not run.",
                hint="To end an attempt on purpose, raise Snooze or Cancel.",
            )

    def _begin(self, arguments: Sequence[object]) -> None:
        if arguments:
            raise self._misused("gave call_next an argument. It takes none: write call_next().")
        if self.is_over:
            raise self._misused("called call_next after it had returned.")
        if self._began:
            raise self._misused("called call_next twice. Raise an error to have the job retried.")
        self._began = True

    def _misused(self, what: str) -> HookMisused:
        # Kept, because the hook may catch it.
        self._problem = HookMisused(f"The hook {self._name} {what}")
        return self._problem


class _AsyncCall(_Call):
    _task: asyncio.Task[Any] | None = None

    async def __call__(self, *arguments: object) -> None:
        self._begin(arguments)
        self._task = asyncio.current_task()
        try:
            await self._inner(self._record)
        finally:
            self._task = None

    async def end(self) -> None:
        """End a call that the hook has left running in a task: the slot must not be free before."""
        self.is_over, task = True, self._task
        if task is None:
            return
        self._misused("returned before call_next had ended. Await it.")
        cancelled: asyncio.CancelledError | None = None
        while not task.done() and task is not asyncio.current_task():
            task.cancel()
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled is not None:
            raise cancelled


class _SyncCall(_Call):
    def __init__(self, name: str, inner: _SyncPerform, record: JobRow) -> None:
        super().__init__(name, inner, record)
        self._thread = threading.get_ident()

    def __call__(self, *arguments: object) -> None:
        if threading.get_ident() != self._thread:
            raise self._misused("called call_next in another thread. Call it in its own.")
        self._begin(arguments)
        self._inner(self._record)
