"""The result of `perform`: unfinished work is distinguished from other values."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import functools
import gc
import itertools
import types
import warnings
from collections import deque
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from multiprocessing.pool import ThreadPool
from typing import Any

import pytest
from jobgen_runtime.executor.results import UnfinishedResult, is_awaitable, require_finished


async def coroutine() -> None:
    """Do nothing."""


def generator() -> Iterator[None]:
    yield


async def async_generator() -> AsyncIterator[None]:
    yield


@types.coroutine
def old_coroutine() -> Generator[None, None, None]:
    yield


class Awaitable:
    def __await__(self) -> Iterator[None]:
        yield


class Liar:
    """An object that raises an error at any access."""

    @property  # type: ignore[misc]  # on purpose
    def __class__(self) -> type:
        raise RuntimeError

    def __getattr__(self, name: str) -> object:
        raise RuntimeError

    def __bool__(self) -> bool:
        raise RuntimeError

    def __eq__(self, other: object) -> bool:
        raise RuntimeError

    __hash__ = None  # type: ignore[assignment]  # on purpose


UNFINISHED: dict[str, Callable[[], object]] = {
    "coroutine": coroutine,
    "old coroutine": old_coroutine,
    "awaitable": Awaitable,
    "generator": generator,
    "generator expression": lambda: (each for each in "ab"),
    "async generator": async_generator,
    "map": lambda: map(print, "ab"),
    "filter": lambda: filter(print, "ab"),
    "zip": lambda: zip(map(print, "ab"), "cd", strict=True),
    "enumerate": lambda: enumerate(generator()),
    "starmap": lambda: itertools.starmap(print, ["ab"]),
    "chain": lambda: itertools.chain(generator(), generator()),
    "islice": lambda: itertools.islice(generator(), 1),
    "pairwise": lambda: itertools.pairwise(generator()),
    "compress": lambda: itertools.compress(generator(), [True]),
    "cycle": lambda: itertools.cycle(generator()),
    "zip_longest": lambda: itertools.zip_longest(generator()),
    "tee": lambda: itertools.tee(generator(), 1)[0],
    "calls until": lambda: iter(print, 1),
    "steps of a coroutine": lambda: coroutine().__await__(),
    "context manager": contextlib.contextmanager(generator),
    "async context manager": contextlib.asynccontextmanager(async_generator),
    "future": concurrent.futures.Future,
    "asyncio future": lambda: asyncio.new_event_loop().create_future(),
}
HOLDERS: dict[str, Callable[[object], object]] = {
    "itself": lambda value: value,
    "list": lambda value: [None, value],
    "tuple": lambda value: (value,),
    "set": lambda value: {value},
    "dictionary": lambda value: {"a": value},
    "keys of a dictionary": lambda value: {value: "a"}.keys(),
    "values of a dictionary": lambda value: {"a": value}.values(),
    "items of a dictionary": lambda value: {"a": value}.items(),
    "mapping that cannot be changed": lambda value: types.MappingProxyType({"a": value}),
    "deque": lambda value: deque([value]),
    "list in a dictionary": lambda value: {"a": [(1, value)]},
}


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("kind", UNFINISHED)
def test_unfinished_work_is_refused(kind: str, holder: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(UnfinishedResult, match=r"so its work has not been done\. \w+"):
            require_finished(HOLDERS[holder](UNFINISHED[kind]()))
        gc.collect(1)  # what has just been created


@pytest.mark.parametrize(
    "function", [print, generator, functools.partial(print), [].append, lambda: None]
)
def test_function_that_was_not_called_is_refused(function: object) -> None:
    with pytest.raises(UnfinishedResult, match="a function that was not called"):
        require_finished(function)
    require_finished({"key": function})


def test_pool_result_is_refused_until_it_is_ready() -> None:
    ready, go = ThreadPool(1), concurrent.futures.Future[None]()
    with ready as pool:
        result = pool.apply_async(go.result)
        with pytest.raises(UnfinishedResult, match="a pool's result"):
            require_finished([result])
        go.set_result(None)
        result.wait()
        require_finished([result])


def endless() -> list[Any]:
    items: list[Any] = [1]
    items.append(items)
    return items


def test_harmless_values_are_accepted() -> None:
    for value in (None, 0, "text", b"", object(), int, Awaitable, ValueError("returned")):
        require_finished(value)
    for value in (Liar(), [Liar()], range(3), iter([1]), {}, [[[[[]]]]], endless()):
        require_finished(value)
    require_finished(["x"] * 1_000_000)


def test_finished_future_counts_as_its_result() -> None:
    future: concurrent.futures.Future[int] = concurrent.futures.Future()
    future.set_result(1)
    require_finished((future,))
    failed: concurrent.futures.Future[int] = concurrent.futures.Future()
    failed.set_exception(KeyError("in the future"))
    with pytest.raises(KeyError, match="in the future"):
        require_finished((future, failed))


def test_awaitables_are_recognised_by_their_type() -> None:
    assert all(map(is_awaitable, (Awaitable(), old_coroutine())))
    assert not any(map(is_awaitable, (None, Liar(), generator(), Awaitable)))
