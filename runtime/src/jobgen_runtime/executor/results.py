"""Check that the work of the value that `perform` returned has been done."""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import inspect
import itertools
import sys
from collections import deque
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from itertools import islice
from types import (
    AsyncGeneratorType,
    BuiltinFunctionType,
    CoroutineType,
    FunctionType,
    GeneratorType,
    MappingProxyType,
    MethodType,
)
from typing import Any

_MAX_ITEMS = 1000
"""Items of lists that are examined."""

_MAX_DEPTH = 3
"""Levels of lists in lists that are examined."""

_FUTURES = (asyncio.Future, concurrent.futures.Future)
_LAZY_ITERATORS: tuple[type, ...] = (
    map,
    filter,
    zip,
    enumerate,
    itertools.accumulate,
    itertools.chain,
    itertools.compress,
    itertools.cycle,
    itertools.dropwhile,
    itertools.filterfalse,
    itertools.groupby,
    itertools.islice,
    itertools.pairwise,
    itertools.starmap,
    itertools.takewhile,
    itertools.zip_longest,
    *(type(itertools.tee(())[0]), type(iter(int, 1))),
)
"""Iterators that call a function, or iterate over a generator, only when they are iterated over."""

_COLLECTIONS: tuple[type, ...] = (
    *(list, tuple, set, frozenset, deque),
    *(type({}.keys()), type({}.values()), type({}.items())),
)
_MAPPINGS = (dict, MappingProxyType)
_FUNCTIONS = (FunctionType, MethodType, BuiltinFunctionType, functools.partial)


async def _coroutine() -> None:
    pass


_steps = _coroutine().__await__()
_steps.close()
_STEPS_OF_COROUTINE = type(_steps)
"""The class of the iterator that the `__await__` of a coroutine returns."""


@contextmanager
def _manager() -> Any:
    yield


@asynccontextmanager
async def _async_manager() -> Any:
    yield


_async: AbstractAsyncContextManager[None] = _async_manager()
_MANAGERS = (type(_manager()), type(_async))
"""The classes that functions with `@contextmanager` and `@asynccontextmanager` return."""


class UnfinishedResult(Exception):
    """`perform` returned something whose work has not been done. The message says what."""


def is_awaitable(value: object) -> bool:
    """Return whether `await` accepts the value, whatever it says about its own class."""
    kind = type(value)
    if kind is CoroutineType or hasattr(kind, "__await__"):
        return True
    return kind is GeneratorType and bool(
        value.gi_code.co_flags & inspect.CO_ITERABLE_COROUTINE  # type: ignore[attr-defined]  # by its class
    )


def require_finished(result: object) -> None:
    """Check that nothing is left to do of what `perform` returned.

    A future that is done counts as its result. Lists, tuples, sets, deques, dictionaries and their
    keys and values are searched, for everything but functions.

    Raises:
        UnfinishedResult: Something in it has yet to be awaited, iterated over or called.
        BaseException: The error of a future that has failed.
    """
    if result is None:
        return
    if issubclass(type(result), _FUNCTIONS):
        raise _unfinished("a function", "called", "Call it in perform.")
    values, remaining = [result], _MAX_ITEMS
    for depth in range(_MAX_DEPTH + 1):
        for value in values:
            _require_finished(value, "a collection with " if depth else "")
        values = [item for value in values for item in _items(value, remaining)][:remaining]
        remaining -= len(values)


def _items(value: object, most: int) -> Iterable[object]:
    kind = type(value)
    if issubclass(kind, _MAPPINGS):
        plain = dict if issubclass(kind, dict) else MappingProxyType
        return list(islice(plain.values(value), most))  # type: ignore[arg-type]  # by its class
    if issubclass(kind, _COLLECTIONS):
        return list(islice(value, most))  # type: ignore[call-overload]  # by its class
    return ()


def _require_finished(value: object, where: str) -> None:
    kind = type(value)
    if issubclass(kind, _FUTURES):
        if not value.done():  # type: ignore[attr-defined]  # by its class
            raise _unfinished(f"{where}a future", "awaited", "Wait for its result in perform.")
        value.result()  # type: ignore[attr-defined]  # by its class
    elif is_awaitable(value) or kind is _STEPS_OF_COROUTINE:
        what = "a coroutine" if kind is CoroutineType else f"an awaitable ({kind.__qualname__})"
        raise _unfinished(where + what, "awaited", "Await it in perform.")
    elif issubclass(kind, GeneratorType | AsyncGeneratorType):
        what = "a generator" if kind is GeneratorType else "an asynchronous generator"
        raise _unfinished(where + what, "iterated over", "Iterate over it in perform.")
    elif issubclass(kind, _LAZY_ITERATORS):
        what = f"a lazy iterator ({kind.__name__})"
        raise _unfinished(where + what, "iterated over", "Iterate over it in perform.")
    elif issubclass(kind, _MANAGERS):
        raise _unfinished(f"{where}a context manager", "entered", "Use it with `with` in perform.")
    elif _is_pending_pool_result(value):
        raise _unfinished(f"{where}a pool's result", "awaited", "Call its get() in perform.")


def _is_pending_pool_result(value: object) -> bool:
    """Return whether a `multiprocessing.Pool` still works on the value."""
    pool: Any = sys.modules.get("multiprocessing.pool")
    if pool is None or not issubclass(type(value), pool.ApplyResult):
        return False
    return not value.ready()  # type: ignore[attr-defined]  # by its class


def _unfinished(what: str, missing: str, advice: str) -> UnfinishedResult:
    return UnfinishedResult(
        f"perform returned {what} that was not {missing}, so its work has not been done. {advice}"
    )
