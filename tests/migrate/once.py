"""An outcome that the tests of a file share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import pytest

T = TypeVar("T")


def chosen(session: pytest.Session, parameter: str) -> set[object]:
    """Return the values of a parameter in the tests that this session runs."""
    return {
        item.callspec.params[parameter]
        for item in session.items
        if isinstance(item, pytest.Function)
        and hasattr(item, "callspec")
        and parameter in item.callspec.params
    }


class Once(Generic[T]):
    """Calls a function once for each argument, and fails for it after the function has raised.

    `functools.cache` would call a function that raised again for each test.
    """

    def __init__(self, function: Callable[[str], T]) -> None:
        """Take the function."""
        self._function = function
        self._returned: dict[str, T] = {}
        self._raised: dict[str, str] = {}

    def __call__(self, argument: str) -> T:
        """Return what the function returned for this argument."""
        if argument in self._raised:
            raise AssertionError(self._raised[argument])
        if argument not in self._returned:
            try:
                self._returned[argument] = self._function(argument)
            except pytest.skip.Exception:
                raise
            except BaseException as error:
                self._raised[argument] = str(error)
                raise
        return self._returned[argument]
