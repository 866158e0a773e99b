"""Where `perform` runs, and which callables are refused, by the callable that a call enters."""

from __future__ import annotations

import asyncio
import functools
import types
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import Any

import pytest
from jobgen_runtime import Job
from jobgen_runtime.contract.errors import InvalidJob

from tests.support.shop_types import ProbeJob


def define(perform: object, **options: Any) -> type[Job[Any]]:
    body = {"perform": perform, **options}
    return types.new_class("Probe", (Job[ProbeJob],), exec_body=lambda names: names.update(body))


async def asynchronous(*_: object) -> None:
    """Do nothing."""


def synchronous(*_: object) -> None:
    """Do nothing."""


def generator(*_: object) -> Iterator[None]:
    yield


async def async_generator(*_: object) -> AsyncIterator[None]:
    yield


@types.coroutine
def old_coroutine(*_: object) -> Generator[None, None, None]:
    yield


@functools.wraps(asynchronous)
def blocking(*arguments: object) -> None:
    asyncio.run(asynchronous(*arguments))


@functools.wraps(synchronous)
async def async_wrapper(*arguments: object) -> None:
    synchronous(*arguments)


@functools.wraps(generator)
def iterating(*arguments: object) -> None:
    for _ in generator(*arguments):
        pass


class Callee:
    """An object to call, with that function."""

    def __init__(self, function: Callable[..., object]) -> None:
        self.function = function

    def __call__(self, *arguments: object) -> object:
        return self.function(*arguments)


class Proxy(Callee):
    """An object that pretends to be the function that it wraps, as those of wrapt do."""

    @property  # type: ignore[misc]  # wrapt does the same
    def __class__(self) -> type:
        return type(self.function)

    def __getattr__(self, name: str) -> object:
        return getattr(object.__getattribute__(self, "function"), name)


class AsyncProxy(Proxy):
    async def __call__(self, *arguments: object) -> object:
        return self.function(*arguments)


class AsyncCallee:
    async def __call__(self, *_: object) -> None:
        """Do nothing."""


class GeneratorCallee:
    def __call__(self, *_: object) -> Iterator[None]:
        yield


SHAPES: dict[str, Callable[[Any], object]] = {
    "itself": lambda function: function,
    "static": staticmethod,
    "class method": classmethod,
    "partial": functools.partial,
    "partial method": functools.partialmethod,
    "partial of a partial": lambda function: functools.partialmethod(functools.partial(function)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_perform_runs_where_its_outermost_callable_runs(shape: str) -> None:
    made = SHAPES[shape]
    assert define(made(asynchronous)).is_async()
    assert define(made(async_wrapper)).is_async()
    assert define(made(AsyncCallee())).is_async()
    for function in (synchronous, blocking, iterating, old_coroutine, Callee(asynchronous)):
        assert not define(made(function)).is_async(), function
        define(made(function), isolation="process")
    for other in (asynchronous, async_wrapper, AsyncCallee()):
        with pytest.raises(InvalidJob, match="requires a synchronous perform"):
            define(made(other), isolation="process")


@pytest.mark.parametrize("shape", SHAPES)
def test_generators_are_refused(shape: str) -> None:
    for function in (generator, async_generator, GeneratorCallee()):
        with pytest.raises(InvalidJob, match="contains `yield`"):
            define(SHAPES[shape](function))


def test_callable_that_is_marked_as_async_runs_on_the_event_loop() -> None:
    marked = Callee(asynchronous)
    # As asgiref does, and inspect.markcoroutinefunction from Python 3.12 on.
    marked._is_coroutine = asyncio.coroutines._is_coroutine  # type: ignore[attr-defined]  # asgiref does the same
    assert define(marked).is_async()


def test_proxy_of_a_function_decides_by_itself() -> None:
    for wrapped in (asynchronous, generator):
        assert not define(Proxy(wrapped)).is_async()
        define(Proxy(wrapped), isolation="process")
    assert define(AsyncProxy(synchronous)).is_async()


def test_descriptor_decides_what_is_called() -> None:
    assert not define(functools.singledispatchmethod(synchronous)).is_async()
