"""Determine whether `perform` or a hook is async, and whether a call of it runs its code."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Iterable
from types import FunctionType, MethodType

from jobgen_runtime.contract.errors import InvalidJob


def is_async_perform(cls: type) -> bool:
    """Return whether a call of `perform` returns a coroutine at once, to run on the event loop."""
    return is_async_method(cls, "perform")


def is_async_method(cls: type, name: str) -> bool:
    """Return whether a call of a method returns a coroutine at once.

    The outermost callable decides, because that is what is called: a synchronous wrapper may block,
    whatever it wraps.
    """
    return is_any_async(_callables(cls, name))


def is_any_async(entered: Iterable[object]) -> bool:
    """Return whether one of the callables that a call enters is async: see `entered_by`."""
    return any(inspect.iscoroutinefunction(each) or _is_marked(each) for each in entered)


def is_any_generator(entered: Iterable[object]) -> bool:
    """Return whether a call runs nothing yet, because a callable that it enters is a generator."""
    return any(map(_is_generator, entered))


def check_perform(cls: type) -> None:
    """Check that a call of `perform` runs it.

    A wrapper is accepted, since it may iterate over the function that it wraps. What it returns is
    checked when the job has run.

    Raises:
        InvalidJob: `perform` is a generator or an asynchronous generator.
    """
    if is_any_generator(_callables(cls, "perform")):
        raise InvalidJob(
            f"{cls.__qualname__}.perform contains `yield`, so a call of it runs nothing.",
            hint="Remove `yield`, or move it to another function over which perform iterates.",
        )


def _is_marked(function: object) -> bool:
    """Return whether the function is marked as async the way asgiref does before Python 3.12."""
    mark = getattr(sys.modules.get("asyncio.coroutines"), "_is_coroutine", None)
    return mark is not None and getattr(function, "_is_coroutine", None) is mark


def _is_generator(function: object) -> bool:
    if inspect.isasyncgenfunction(function):
        return True
    code = getattr(function, "__code__", None)
    # What types.coroutine has decorated can be awaited.
    flags = getattr(code, "co_flags", 0)
    return inspect.isgeneratorfunction(function) and not flags & inspect.CO_ITERABLE_COROUTINE


def _callables(cls: type, name: str) -> tuple[object, ...]:
    # What is not callable is a descriptor, which makes the callable.
    return entered_by(inspect.getattr_static(cls, name, None)) or (getattr(cls, name, None),)


def entered_by(function: object) -> tuple[object, ...]:
    """Return what a call enters: a function, or an object and its `__call__`; empty for neither."""
    while True:
        if isinstance(function, staticmethod | classmethod | MethodType):
            function = function.__func__
        elif isinstance(function, functools.partial | functools.partialmethod):
            function = function.func
        elif type(function) is FunctionType:
            return (function,)
        elif isinstance(function, FunctionType):
            # A proxy, as wrapt makes them: it says what the function is that it wraps.
            return (getattr(type(function), "__call__", None),)  # noqa: B004 -- to look at it
        elif callable(function):
            return function, getattr(type(function), "__call__", None)  # noqa: B004 -- to look at it
        else:
            return ()
