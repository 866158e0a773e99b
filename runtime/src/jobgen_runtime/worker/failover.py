"""Detect that another server has taken over the database."""

from __future__ import annotations

import logging

from jobgen_runtime.worker.lanes import Lanes

log = logging.getLogger("jobgen.worker")


class FailoverGuard:
    """Keep successes off a promoted server that may not have what the jobs wrote.

    A standby may be promoted before it has received every commit. If the success of a job that ran
    before were written to it, the row would vouch for work that is lost. So the job runs again.
    """

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self._timeline: int | None = None

    def check(self, timeline: int | None) -> None:
        """Compare a new connection's timeline with the last one; None if it is unknown.

        See https://www.postgresql.org/docs/current/continuous-archiving.html on timelines.
        """
        if timeline is None or timeline == self._timeline:
            return
        if self._timeline is not None:
            if timeline < self._timeline:
                return  # A connection to the previous server, which is still up.
            log.warning("another server took over the database: retrying jobs that ran meanwhile")
            self._lanes.distrust_successes()
        self._timeline = timeline
