"""Check the classes of views when they are defined, and say which line to change."""

from __future__ import annotations

from inspect import iscoroutinefunction, signature, unwrap


def require_async(cls: type, *names: str) -> None:
    """Check that methods of a class are async.

    Raises:
        TypeError: One is not.
    """
    for name in names:
        if not iscoroutinefunction(unwrap(getattr(cls, name))):
            raise TypeError(_definition(cls, f"async def {name}", f"def {name}"))


def require_sync(cls: type, *names: str) -> None:
    """Check that methods of a class are not async.

    Raises:
        TypeError: One is.
    """
    for name in names:
        if iscoroutinefunction(unwrap(getattr(cls, name))):
            raise TypeError(_definition(cls, f"def {name}", f"async def {name}"))


def _definition(cls: type, right: str, wrong: str) -> str:
    return f"{cls.__qualname__}: write `{right}` instead of `{wrong}`."


def require_parameters(cls: type, name: str, declaration: str, *parameters: str) -> None:
    """Check that a method of a class has parameters of these names.

    Raises:
        TypeError: It does not; the message shows the `declaration` to write.
    """
    if not {*parameters} <= {*signature(getattr(cls, name)).parameters}:
        raise TypeError(f"{cls.__qualname__}: write `{declaration}`.")


def require_attributes(cls: type, **examples: str) -> None:
    """Check that a class has attributes.

    Raises:
        TypeError: One is missing; the message shows the line to write, with the example.
    """
    for name, example in examples.items():
        if not hasattr(cls, name):
            raise TypeError(f"{cls.__qualname__}: {name} is missing. Write `{name} = {example}`.")
