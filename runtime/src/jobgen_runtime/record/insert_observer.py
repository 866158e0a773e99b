"""The one observer of the jobs that records create: telemetry, if the application has asked for it.

A creation without an observer costs one comparison with None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from jobgen_runtime.table import Table

Values = Mapping[str, object]


class ObservedInsert(Protocol):
    """One creation of jobs, while it happens.

    Attributes:
        rows: The values to insert, which the observer may have added to.
    """

    rows: Sequence[Values]

    def inserted(self, ids: Sequence[object], *, is_new: bool = True) -> None:
        """Take note of the ids of the jobs; `is_new` is False if the job was there before."""
        ...


class InsertObserver(Protocol):
    """Follows the creation of jobs."""

    def __call__(
        self, table: Table, rows: Sequence[Values], /
    ) -> AbstractContextManager[ObservedInsert]:
        """Return a context for the statements that create jobs of these values."""
        ...


class _Observation:
    """The observer of this process; None if there is none."""

    observer: InsertObserver | None = None


observation = _Observation()
