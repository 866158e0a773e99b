"""The filter of a list by the cause of a failure."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from psycopg import sql

from jobgen_runtime.dashboard.errors.cause import FINGERPRINT, Cause
from jobgen_runtime.dashboard.lists.filters import Values
from jobgen_runtime.dashboard.web.parameters import RequestRefused

RETRYING = "~retry"
"""The end of the parameter that also stands for jobs that will retry."""


@dataclass(frozen=True)
class ErrorFilter:
    """The failed jobs with one cause. Until they are found, these are none."""

    fingerprint: str
    retrying: bool = False
    """Whether the jobs that will retry after an error with this cause are among them."""

    jobs: tuple[UUID, ...] = ()
    cause: Cause | None = None
    """What they have in common; None if no job failed for this cause."""

    is_cut: bool = False
    """Whether there may be more of them."""

    @property
    def text(self) -> str:
        """The parameter `error` that stands for it."""
        return self.fingerprint + (RETRYING if self.retrying else "")

    def condition(self, values: Values) -> sql.Composable:
        """Return the condition in SQL, with its values added to `values`."""
        return sql.SQL("id = ANY ({}::uuid[])").format(values.add(list(self.jobs)))


def read_error_filter(text: str) -> ErrorFilter | None:
    """Return the filter in the parameter `error` of an address; None if that is empty.

    Raises:
        RequestRefused: It is invalid (400).
    """
    if not text:
        return None
    fingerprint = text.removesuffix(RETRYING)
    if not FINGERPRINT.fullmatch(fingerprint):
        raise RequestRefused(400, "The parameter error is invalid.")
    return ErrorFilter(fingerprint, retrying=text != fingerprint)
