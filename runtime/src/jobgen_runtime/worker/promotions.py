"""Notices that another server has taken over the database."""

from __future__ import annotations

import logging

from jobgen_runtime.worker.lanes import Lanes

log = logging.getLogger("jobgen.worker")


class Promotions:
    """Keeps a success from the database where what the job wrote may not be.

    A standby may be promoted before it has all that was committed. Were the end of a job written to
    it that ran before, the row would tell of work that is lost: it has to run again.
    """

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self._timeline: int | None = None

    def note(self, timeline: int | None) -> None:
        """The timeline of a server that a connection goes to; None: not known."""
        if timeline is None or timeline == self._timeline:
            return
        before = self._timeline
        if before is not None:
            if timeline < before:
                return  # A connection to the one before, which goes on.
            log.warning("another server has taken over: what ran meanwhile is run again")
            self._lanes.doubt()
        self._timeline = timeline
