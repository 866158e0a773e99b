"""Find attributes of a job class that were probably meant as an option."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from difflib import get_close_matches
from types import FunctionType

from jobgen_runtime.contract.errors import InvalidJob

OPTIONS = (
    "max_attempts",
    "timeout",
    "max_concurrency",
    "global_concurrency",
    "strict_order",
    "backoff",
    "isolation",
)
"""The options of a job class."""

# What other queues call these options.
_ELSEWHERE = {
    "attempts": "max_attempts",
    "tries": "max_attempts",
    "retries": "max_attempts",
    "max_retries": "max_attempts",
    "max_tries": "max_attempts",
    "timeout_seconds": "timeout",
    "timeout_in_seconds": "timeout",
    "timeout_in_microseconds": "timeout",
    "time_limit": "timeout",
    "job_timeout": "timeout",
    "concurrency": "max_concurrency",
    "retry_backoff": "backoff",
    "retry_delay": "backoff",
}
_SIMILARITY = 0.8
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


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
        option = None if name in known else _meant(name)
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


def _meant(name: str) -> str | None:
    snake = _HUMP.sub("_", name).lower()
    if snake in _ELSEWHERE:
        return _ELSEWHERE[snake]
    return next(iter(get_close_matches(snake, OPTIONS, 1, _SIMILARITY)), None)
