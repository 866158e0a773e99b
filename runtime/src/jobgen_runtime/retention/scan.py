"""Which ids a search for expired jobs reads, and when; pure.

No index finds jobs by their end. But ids of version 7 begin with the time at which they were made,
so a job that ended before a moment has an id from before that moment, and the primary key finds
those.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

FIRST_ID = UUID(int=0)
LAST_ID = UUID(int=2**128 - 1)

SHORTEST_SEARCH_INTERVAL = 1.0
LONGEST_SEARCH_INTERVAL = 60.0
"""Seconds between two searches of the ids that have become old since."""

SHORTEST_SCAN_INTERVAL = 60.0
LONGEST_SCAN_INTERVAL = 86_400.0
"""Seconds between two searches of all old ids."""

SHORTEST_OVERLAP = 60.0
LONGEST_OVERLAP = 3_600.0
"""Seconds of ids that are read again by the next search: jobs run for a while, so those ended last
have expired later than their ids are old."""

AHEAD_SECONDS = 86_400.0
"""Ids that are further in the future than this do not follow the time: they are random, perhaps."""


@dataclass(frozen=True, slots=True)
class IdRange:
    """The ids above `after`, up to and including `until`."""

    after: UUID
    until: UUID


class Scan:
    """The searches of one table.

    Jobs that outlive others stay behind: those that wait for long, and failed ones that are kept.
    So most searches start where the last one ended, but for an overlap. A search of all old ids
    finds what has expired behind it, and the ids that do not follow the time.
    """

    def __init__(self, keep: timedelta) -> None:
        """Prepare the searches for jobs that have ended more than `keep` ago."""
        self._keep = keep.total_seconds()
        tenth = self._keep / 10
        self.interval = _clamp(tenth, SHORTEST_SEARCH_INTERVAL, LONGEST_SEARCH_INTERVAL)
        """Seconds from the end of a search to the next one."""
        self._scan_interval = _clamp(tenth, SHORTEST_SCAN_INTERVAL, LONGEST_SCAN_INTERVAL)
        self._overlap = _clamp(tenth, SHORTEST_OVERLAP, LONGEST_OVERLAP)
        self._scanned_at = -math.inf
        self._searched_until = 0.0

    def next_ranges(self, now: float) -> Sequence[IdRange]:
        """Return the ids that the next search reads.

        Args:
            now: The database's time, in seconds since 1970.
        """
        after, until = self._searched_until - self._overlap, now - self._keep
        self._searched_until = until
        if now - self._scanned_at < self._scan_interval:
            return [IdRange(first_id_at(after), first_id_at(until))]
        self._scanned_at = now
        return [
            IdRange(FIRST_ID, first_id_at(until)),
            IdRange(first_id_at(now + AHEAD_SECONDS), LAST_ID),
        ]


def first_id_at(moment: float) -> UUID:
    """Return the lowest id of version 7 of a moment in seconds since 1970 (RFC 9562)."""
    milliseconds = min(max(int(moment * 1000), 0), 2**48 - 1)
    return UUID(int=milliseconds << 80)


def _clamp(seconds: float, least: float, most: float) -> float:
    return min(max(seconds, least), most)
