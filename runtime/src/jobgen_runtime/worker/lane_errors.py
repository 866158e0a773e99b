"""Log the errors that concern all jobs of a kind."""

from __future__ import annotations

import logging

from jobgen_runtime.worker.refused_claims import without_numbers

log = logging.getLogger("jobgen.job")

GONE_AFTER_COMPLETIONS = 3
"""Consecutive completions that found no table, after which a drain no longer waits for it."""


class LaneErrors:
    """Log why no job of a kind can be claimed, looked for or completed, each reason once.

    For every method, None means that the operation works again.
    """

    def __init__(self, name: str) -> None:
        """Log for the kind of this name."""
        self._name = name
        self._claim_reason: str | None = None
        self._poll_reason: str | None = None
        self._completion_reason: str | None = None
        self._vanished = 0

    @property
    def has_failed_poll(self) -> bool:
        """Whether the last poll could not search the table for due jobs."""
        return self._poll_reason is not None

    @property
    def is_table_gone(self) -> bool:
        """Whether the last completions found no table that they could be written to."""
        return self._vanished >= GONE_AFTER_COMPLETIONS

    def report_claims(self, error: str | None) -> None:
        """Log why nothing can be claimed."""
        reason = without_numbers(error) if error else None
        if reason != self._claim_reason:
            if error:
                log.error("cannot claim jobs of %s: %s", self._name, error)
            else:
                log.info("claiming %s again", self._name)
        self._claim_reason = reason

    def report_polls(self, error: str | None) -> None:
        """Log why the table cannot be searched for due jobs."""
        reason = without_numbers(error) if error else None
        if reason != self._poll_reason:
            if error:
                log.error("cannot look for jobs of %s: %s", self._name, error)
            else:
                log.info("looking for jobs of %s again", self._name)
        self._poll_reason = reason

    def report_completions(self, error: str | None, *, has_vanished: bool = False) -> None:
        """Log why nothing can be completed, which may be that the table has vanished."""
        self._vanished = self._vanished + 1 if has_vanished else 0
        if error != self._completion_reason:
            if error:
                log.error("cannot complete jobs of %s: %s", self._name, error)
            else:
                log.info("completing %s again", self._name)
        self._completion_reason = error
