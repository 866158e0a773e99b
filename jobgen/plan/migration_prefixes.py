"""The numbers or times that the names of new migration files begin with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

_FILE = re.compile(r"(\d+)-.*\.sql")
_TIMESTAMP_DIGITS = 14


class MigrationPrefixes:
    """The prefixes of new files, in the style of the existing ones."""

    def __init__(self, names: Sequence[str], now: datetime) -> None:
        """Continue after the files called `names`; `now` is for prefixes that are times."""
        numbers = [match[1] for name in names if (match := _FILE.fullmatch(name))]
        last = max(numbers, key=int, default=None)
        self._now = now
        self._counter = None if last is None or _is_time(last) else (int(last), len(last))
        self._last_time = last if last is not None and _is_time(last) else ""

    def next(self) -> str:
        """Return the prefix of the next file."""
        if self._counter is not None:
            number, width = self._counter
            self._counter = (number + 1, width)
            return str(number + 1).zfill(width)
        while (stamp := self._now.strftime("%Y%m%d%H%M%S")) <= self._last_time:
            self._now += timedelta(seconds=1)
        self._last_time = stamp
        return stamp


def _is_time(number: str) -> bool:
    return len(number) == _TIMESTAMP_DIGITS
