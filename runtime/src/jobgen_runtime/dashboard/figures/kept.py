"""Keep what was read for the next page, in proportion to what reading it cost."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar, cast

from jobgen_runtime.dashboard.database.discovery import JobTable

T = TypeVar("T")

SHARE = 20
"""What took a second to read is kept for this many: open browsers cost a twentieth of a connection,
however many there are."""

LONGEST = 30.0
"""Seconds that anything is fresh at most."""

OLDEST = 60.0
"""Seconds after which nothing is shown any more."""

ENTRIES = 2_000

_Key = tuple[str, Hashable]


@dataclass(frozen=True)
class _Entry:
    value: object
    read_at: float
    fresh_until: float


class Kept:
    """What the pages of one dashboard have read of its tables.

    It is the same for all visitors, so nothing of a visitor's may go into it: whether a visitor may
    see a table is decided before.
    """

    def __init__(self) -> None:
        self._entries: OrderedDict[_Key, _Entry] = OrderedDict()
        self._being_read: set[_Key] = set()

    async def get(
        self,
        table: JobTable,
        what: Hashable,
        read: Callable[[], Awaitable[T]],
        *,
        least: float = 0.0,
        keep: Callable[[T], bool] = lambda _: True,
        may_be_old: bool = False,
    ) -> T:
        """Return what was kept, or read it and keep it.

        While one page reads it again, others get what was kept before.

        Args:
            table: The table it is about.
            what: Which figures of the table these are.
            read: Reads them.
            least: Seconds that they are kept at least.
            keep: Whether to keep what was read at all.
            may_be_old: Whether what is no longer fresh will do.
        """
        key = (table.key, what)
        if self.has(table, what, may_be_old=may_be_old):
            return cast("T", self._entries[key].value)
        self._being_read.add(key)
        began = monotonic()
        try:
            value = await read()
        finally:
            self._being_read.discard(key)
        if keep(value):
            self.put(table, what, value, took=monotonic() - began, least=least)
        return value

    def put(
        self, table: JobTable, what: Hashable, value: object, *, took: float, least: float = 0.0
    ) -> None:
        """Keep what was read.

        Args:
            table: The table it is about.
            what: Which figures of the table these are.
            value: What was read.
            took: The seconds that reading it took.
            least: Seconds that it is kept at least.
        """
        now = monotonic()
        fresh = min(max(took * SHARE, least), LONGEST)
        self._keep((table.key, what), _Entry(value, now, now + fresh))

    def peek(self, table: JobTable, what: Hashable) -> object:
        """Return what is kept, however old; None if nothing is."""
        entry = self._entries.get((table.key, what))
        return None if entry is None else entry.value

    def has(self, table: JobTable, what: Hashable, *, may_be_old: bool = False) -> bool:
        """Return whether `get` would read nothing."""
        key = (table.key, what)
        entry = self._entries.get(key)
        if entry is None:
            return False
        is_any_good = may_be_old or key in self._being_read
        return monotonic() < (entry.read_at + OLDEST if is_any_good else entry.fresh_until)

    def read_at(self, table: JobTable, what: Hashable) -> float:
        """Return when it was last read, by `time.monotonic()`; 0 if it is not kept."""
        entry = self._entries.get((table.key, what))
        return 0.0 if entry is None else entry.read_at

    def _keep(self, key: _Key, entry: _Entry) -> None:
        self._entries[key] = entry
        self._entries.move_to_end(key)
        if len(self._entries) > ENTRIES:
            self._entries.popitem(last=False)

    def forget(self, table: str) -> None:
        """Forget a table, by its key, because a visitor has changed its jobs and is to see it."""
        for key in [key for key in self._entries if key[0] == table]:
            del self._entries[key]
