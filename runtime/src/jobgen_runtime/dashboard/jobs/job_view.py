"""`JobView`: a job as pages show it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from jobgen_runtime.contract.error_summary import error_summary, split_summary
from jobgen_runtime.contract.states import WAITING, JobStatus
from jobgen_runtime.dashboard.access.redaction import REDACTED, redact_secrets
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.database.discovery import Column


@dataclass(frozen=True)
class Unreadable:
    """A value that the database cannot compute, as that of a virtual column, and its reason."""

    reason: str


@dataclass(frozen=True)
class Redacted:
    """A value that pages do not show, and that was not read from the database."""

    is_redacted: bool = True


Value = str | Unreadable | Redacted | None


def error_in_brief(error: str | None, redact: Callable[[str], str]) -> tuple[str, str]:
    """Return the exception's class, with its module, and the first line of its message.

    Either is empty if the error does not have it.

    Args:
        error: A job's `last_error`.
        redact: Returns a text without its secrets, as `JobTable.redact_error` does.
    """
    kind, message = split_summary(error_summary(error or ""))
    return kind, redact(message)


@dataclass(frozen=True)
class JobView:
    """A job as pages show it. A table that was not made by jobgen may have NULL in any column."""

    cursor: str | None
    """The value that orders its list; None if that is the id, or outside of a list."""
    id: UUID | None
    status: JobStatus
    """One that equals no member of the class if it is unknown; its value is "NULL" for NULL."""

    attempts_count: int | None
    last_error: str | None
    locked_by: str | None
    created_at: Moment | None
    updated_at: Moment | None
    locked_at: Moment | None
    run_at: Moment | None
    own: tuple[tuple[Column, Value], ...]
    """The user's columns with their values as text, truncated to what the page shows."""
    redact: Callable[[str], str] = redact_secrets
    """Returns an error without its secrets."""

    @cached_property
    def error(self) -> tuple[str, str]:
        """The exception's class, with its module, and the first line of its message.

        Either is empty if the error does not have it.
        """
        return error_in_brief(self.last_error, self.redact)

    @property
    def can_retry(self) -> bool:
        """Whether the dashboard makes this row due again: a success is kept as it is."""
        return not (self.is_running or self.status is JobStatus.SUCCEEDED)

    def whole_values(self) -> dict[str, str]:
        """Return the values of the columns that an INSERT may give one.

        Those that are cut short or redacted are left out.
        """
        return {
            column.name: value
            for column, value in self.own
            if column.writable and isinstance(value, str) and not value.endswith("…")
            if not (column.is_error and REDACTED in value)
        }

    @property
    def took(self) -> float | None:
        """Seconds from the claim of the last attempt to its end; None if that is not known."""
        if not self.is_final or self.locked_at is None or self.updated_at is None:
            return None
        seconds = self.locked_at.since(self.updated_at)
        return seconds if 0 <= seconds < math.inf else None

    @property
    def is_running(self) -> bool:
        """Whether a worker runs the job."""
        return self.status is JobStatus.RUNNING

    @property
    def is_final(self) -> bool:
        """Whether no worker changes the job: it has ended, or its status is not known."""
        return not (self.is_running or self.status in WAITING)
