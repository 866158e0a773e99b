"""Hooks: code that runs around `perform`, of one kind of job or of all kinds of a project."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from enum import Enum, auto
from typing import Any

from jobgen_runtime.contract.errors import InvalidJob
from jobgen_runtime.job.perform import (
    entered_by,
    is_any_async,
    is_any_generator,
    is_async_method,
    is_async_perform,
)

CallNext = Callable[[], Coroutine[Any, Any, None]]
"""What an async hook awaits to run the job."""

CallNextSync = Callable[[], None]
"""What a synchronous hook calls to run the job."""

Hook = (
    Callable[[Any, CallNext], Coroutine[Any, Any, None]]
    | Callable[[Any, CallNextSync], None]
    | Callable[[Any], AbstractContextManager[Any]]
    | Callable[[Any], AbstractAsyncContextManager[Any]]
)
"""A hook for all kinds of job of a project."""


class HookStyle(Enum):
    """How a hook runs the job."""

    ASYNC = auto()
    """It awaits `call_next`."""
    SYNC = auto()
    """It calls `call_next`."""
    MANAGER = auto()
    """It returns a context manager, in whose block the job runs."""
    ASYNC_MANAGER = auto()
    """It returns an asynchronous context manager."""


def check_around(cls: type, default: object) -> None:
    """Check the method `around` of a job class.

    Args:
        cls: The class.
        default: The method that a class without a hook has.

    Raises:
        InvalidJob: It cannot be called with a job and call_next, or cannot wait for `perform`.
    """
    function: object = inspect.getattr_static(cls, "around", None)
    if function is default:
        return
    name = f"{cls.__qualname__}.around"
    if not callable(getattr(cls, "around", None)):
        raise InvalidJob(f"{name} must be a method around(self, job, call_next), not {function!r}.")
    is_bound = not isinstance(function, staticmethod)
    if isinstance(function, staticmethod | classmethod):
        function = function.__func__
    if inspect.isfunction(function):
        parameters = _signature(function)
        if parameters is not None and not _accepts(parameters, 3 if is_bound else 2):
            raise InvalidJob(
                f"{name} cannot be called with a job and call_next.",
                hint="Write async def around(self, job, call_next), or def for a synchronous "
                "perform.",
            )
    if is_any_generator(entered_by(function)):
        raise InvalidJob(
            f"{name} contains `yield`, so a call of it runs nothing.",
            hint="Call call_next() where the job is to run.",
        )
    if not getattr(getattr(cls, "perform", None), "__isabstractmethod__", False):
        style = HookStyle.ASYNC if is_async_method(cls, "around") else HookStyle.SYNC
        _check_style(name, style, cls)


def check_hooks(hooks: object, jobs: Iterable[type]) -> None:
    """Check the hooks of a project, and that each of them serves every kind of job.

    Raises:
        InvalidJob: They are not a list, or one of them is not a hook or cannot wait for a
            `perform`.
    """
    if not isinstance(hooks, list | tuple):
        raise InvalidJob(
            f"`around` of the main module must be a list of hooks, not {hooks!r}.",
            hint="Write around = [trace], with def trace(job, call_next).",
        )
    for hook in hooks:
        style = style_of(hook)
        for job in jobs:
            _check_style(f"The hook {hook_name(hook)}", style, job)


def style_of(hook: object) -> HookStyle:
    """Return how a hook of a project runs the job.

    Raises:
        InvalidJob: It is not a hook.
    """
    if not callable(hook):
        raise InvalidJob(f"{hook!r} in the list `around` is not a hook: it cannot be called.")
    name, signature = hook_name(hook), _signature(hook)
    entered = entered_by(hook)
    if signature is None or _accepts(signature, 2):
        if is_any_generator(entered):
            raise InvalidJob(
                f"The hook {name} contains `yield`, so a call of it runs nothing.",
                hint="Call call_next() instead, or take the job alone and decorate the hook with "
                "@contextlib.contextmanager.",
            )
        return HookStyle.ASYNC if is_any_async(entered) else HookStyle.SYNC
    if not _accepts(signature, 1):
        raise InvalidJob(
            f"The hook {name} cannot be called with a job and call_next.",
            hint="Write def hook(job, call_next), or async def for async jobs.",
        )
    if is_any_generator(entered) or is_any_async(entered):
        raise InvalidJob(
            f"The hook {name} takes a job alone, but does not return a context manager.",
            hint="Decorate a generator with @contextlib.contextmanager, or take call_next as a "
            "second parameter.",
        )
    return HookStyle.ASYNC_MANAGER if _is_async_manager(hook) else HookStyle.MANAGER


def hook_name(hook: object) -> str:
    """Return a name of a hook by which its author finds it."""
    function = inspect.unwrap(hook) if callable(hook) else hook
    name = getattr(function, "__qualname__", None) or repr(hook)
    module = getattr(function, "__module__", None)
    return f"{module}.{name}" if module else str(name)


def _check_style(name: str, style: HookStyle, job: type) -> None:
    perform = f"{job.__qualname__}.perform"
    if is_async_perform(job):
        if style is HookStyle.SYNC:
            raise InvalidJob(
                f"{name} is synchronous, so it cannot wait for {perform}, which is async.",
                hint=f"Write async def, and await call_next().{_ADVICE}",
            )
    elif style in (HookStyle.ASYNC, HookStyle.ASYNC_MANAGER):
        raise InvalidJob(
            f"{name} is async, but {perform} is not: it runs in a thread or a process.",
            hint=f"Write def instead of async def.{_ADVICE}",
        )


_ADVICE = (
    " A hook for both kinds is a function with @contextlib.contextmanager that takes the job alone,"
    " in the list `around` of the main module."
)


def _signature(function: Callable[..., Any]) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None


def _accepts(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*[None] * count)
    except TypeError:
        return False
    return True


def _is_async_manager(hook: object) -> bool:
    if isinstance(hook, type):
        return hasattr(hook, "__aenter__") and not hasattr(hook, "__enter__")
    return callable(hook) and inspect.isasyncgenfunction(inspect.unwrap(hook))
