"""Find attributes of a job class that were probably meant as an option."""

from __future__ import annotations

from collections.abc import Iterator, Set
from types import FunctionType

from jobgen_runtime.contract.errors import InvalidJob
from jobgen_runtime.contract.job_options import meant_option


def check_spelling(cls: type, known: Set[str]) -> None:
    """Check that no attribute of a job class is an option under another name.

    Attributes that begin with an underscore belong to the application, and so do methods and other
    attributes that are not constants.

    Args:
        cls: The class.
        known: The names that base classes have.

    Raises:
        InvalidJob: An attribute is spelled like an option, or has its name in other queues.
    """
    for name in _own_constants(cls):
        option = None if name in known else meant_option(name)
        if option is not None:
            raise InvalidJob(
                f"{cls.__qualname__}.{name} is not an option of a job. Did you mean {option}?",
                hint=f"If it is your own, begin its name with an underscore: _{name}.",
            )


def _own_constants(cls: type) -> Iterator[str]:
    for name, value in vars(cls).items():
        is_method = isinstance(value, FunctionType | classmethod | staticmethod | property | type)
        if not name.startswith("_") and not is_method:
            yield name
    for name in vars(cls).get("__annotations__", {}):
        if not name.startswith("_") and name not in vars(cls):
            yield name
