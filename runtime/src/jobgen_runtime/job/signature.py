"""Check that `perform` takes a job, and the job of its class."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from jobgen_runtime.contract.errors import InvalidJob


def check_signature(cls: type) -> None:
    """Check that `perform` can be called with one job, a row of the class's record.

    A callable whose parameters are unknown is accepted.

    Raises:
        InvalidJob: It takes no job, requires more than a job, or is annotated with another record.
    """
    function = inspect.getattr_static(cls, "perform", None)
    is_bound = not isinstance(function, staticmethod)
    if isinstance(function, staticmethod | classmethod):
        function = function.__func__
    if not inspect.isfunction(function):
        return
    parameters = _parameters(function)
    if parameters is None:
        return
    try:
        bound = parameters.bind(*((None, None) if is_bound else (None,)))
    except TypeError as error:
        raise InvalidJob(
            f"{cls.__qualname__}.perform cannot be called with a job: {error}.",
            hint="Write def perform(self, job) or async def perform(self, job).",
        ) from None
    names = list(bound.arguments)
    if len(names) > int(is_bound):
        _check_record(cls, _annotation(function, names[int(is_bound)]))


def _parameters(function: Callable[..., Any]) -> inspect.Signature | None:
    try:
        return inspect.signature(function, follow_wrapped=False)
    except (TypeError, ValueError):
        return None


def _annotation(function: Callable[..., Any], name: str) -> object:
    """Return the annotation of a parameter, None where it is unknown or cannot be read yet."""
    annotation: object = getattr(function, "__annotations__", {}).get(name)
    if not isinstance(annotation, str):
        return annotation
    found: object = getattr(function, "__globals__", {})
    for part in annotation.strip("'\"").split("."):
        found = found.get(part) if isinstance(found, dict) else getattr(found, part, None)
    return found


def _check_record(cls: type, annotation: object) -> None:
    record: object = getattr(cls, "record", None)
    if not isinstance(annotation, type) or not isinstance(record, type):
        return
    if hasattr(annotation, "__table__") and not issubclass(record, annotation):
        raise InvalidJob(
            f"{cls.__qualname__}.perform takes {annotation.__name__}, but the class runs"
            f" {record.__name__}.",
            hint=f"Write {record.__name__} at perform's parameter, or Job[{annotation.__name__}].",
        )
