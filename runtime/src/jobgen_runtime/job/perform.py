"""Determine whether `perform` is async, and whether a call of it runs its code."""

from __future__ import annotations

import functools
import inspect
import sys
from types import FunctionType, MethodType

from jobgen_runtime.contract.errors import InvalidJob


def is_async_perform(cls: type) -> bool:
    """Return whether a call of `perform` returns a coroutine at once, to run on the event loop.

    The outermost callable decides, because that is what is called: a synchronous wrapper may block,
    whatever it wraps.
    """
    return any(
        inspect.iscoroutinefunction(function) or _is_marked(function)
        for function in _callables(cls)
    )


def check_perform(cls: type) -> None:
    """Check that a call of `perform` runs it.

    A wrapper is accepted, since it may iterate over the function that it wraps. What it returns is
    checked when the job has run.

    Raises:
        InvalidJob: `perform` is a generator or an asynchronous generator.
    """
    if any(map(_is_generator, _callables(cls))):
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


def _callables(cls: type) -> tuple[object, ...]:
    """Return what a call of `perform` enters: a function, or an object and its `__call__`."""
    function: object = inspect.getattr_static(cls, "perform", None)
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
            # A descriptor, which makes the callable.
            return (getattr(cls, "perform", None),)
