"""Keep what was read for the next page: in proportion to what reading it cost, or until a write."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Hashable
from dataclasses import dataclass, replace
from time import monotonic
from typing import TypeAlias, TypeVar, cast

from jobgen_runtime.dashboard.database.connections import Session
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.figures.background import BackgroundReads
from jobgen_runtime.dashboard.figures.write_states import read_write_states

T = TypeVar("T")

SHARE = 20
"""What took a second to read is kept for this many: open browsers cost a twentieth of a connection,
however many there are."""

LONGEST = 30.0
"""Seconds that anything is fresh at most."""

SHOWN_WHILE_READ = 15.0
"""Seconds after which a page waits for what is no longer fresh. Until then it shows that, and it is
read again meanwhile: a page that refreshes itself asks every few seconds."""

OLDEST = 60.0
"""Seconds after which nothing is shown any more."""

LONGEST_UNREAD = 300.0
"""Seconds after which a table is read again though it does not seem to have been written to."""

CONFIRMED = 2.0
"""Seconds that what has not been written to is fresh at least."""

ENTRIES = 5_000

SEVERAL = ""
"""The key of what is about several tables, in place of one table's. It is forgotten with each."""

WriteState: TypeAlias = str | None
"""What `read_write_states` said of one table or several before they were read; None for nothing."""

_Key = tuple[str, Hashable]


@dataclass(frozen=True)
class _Entry:
    value: object
    read_at: float
    """When it was read, or known to be unchanged, by `time.monotonic()`."""
    fresh_until: float
    read_first_at: float
    """When it was read."""
    state: WriteState


class Kept:
    """What the pages of one dashboard have read of its tables.

    It is the same for all visitors, so nothing of a visitor's may go into it: whether a visitor may
    see a table is decided before.

    Attributes:
        background: Where it is read again while pages show it; None if each page reads it itself.
    """

    def __init__(self, background: BackgroundReads | None = None) -> None:
        self.background = background
        self._entries: OrderedDict[_Key, _Entry] = OrderedDict()
        self._being_read: set[_Key] = set()
        self._forgotten_at: dict[str, float] = {}

    async def get(
        self,
        table: JobTable | None,
        what: Hashable,
        read: Callable[[], Awaitable[T]],
        *,
        least: float = 0.0,
        keep: Callable[[T], bool] = lambda _: True,
        age: float = 0.0,
        read_in: Callable[[Session], Awaitable[T]] | None = None,
        unless_written: Collection[JobTable] = (),
    ) -> T:
        """Return what was kept, or read it and keep it.

        While one page reads it again, others get what was kept before.

        Args:
            table: The table it is about; None for several.
            what: Which figures of the table these are.
            read: Reads them.
            least: Seconds that they are kept at least.
            keep: Whether to keep what was read at all.
            age: Seconds since it was read for which it will do, also where it is no longer fresh.
            read_in: Reads them in another session; None if only this page can.
            unless_written: The tables that they depend on, if on nothing else, such as the time:
                the other session reads them only if one of these was written to.
        """
        key = _key(table, what)
        if self.has(table, what, age=age):
            return cast("T", self._entries[key].value)

        async def read_and_keep(reading: Callable[[], Awaitable[T]], state: WriteState = None) -> T:
            self._being_read.add(key)
            began = monotonic()
            try:
                value = await reading()
            finally:
                self._being_read.discard(key)
            if keep(value):
                self.put(table, what, value, began=began, least=least, state=state)
            return value

        if (
            read_in is None
            or self.background is None
            or not self.has(table, what, age=SHOWN_WHILE_READ)
        ):
            return await read_and_keep(read)
        read_elsewhere = read_in

        async def read_again(session: Session) -> None:
            state = await _state_of(session, unless_written)
            if not self.confirm(table, what, state, least=least):
                await read_and_keep(lambda: read_elsewhere(session), state)

        self.background.start(key, read_again)
        return cast("T", self._entries[key].value)

    def put(
        self,
        table: JobTable | None,
        what: Hashable,
        value: object,
        *,
        began: float,
        took: float | None = None,
        least: float = 0.0,
        state: WriteState = None,
    ) -> None:
        """Keep what was read, unless a visitor has changed the table meanwhile.

        Args:
            table: The table it is about; None for several.
            what: Which figures of the table these are.
            value: What was read.
            began: When reading it began, by `time.monotonic()`.
            took: The seconds that reading it took; None for those since then.
            least: Seconds that it is kept at least.
            state: What `read_write_states` said before.
        """
        key = _key(table, what)
        if self._forgotten_at.get(key[0], -1.0) >= began:
            return
        now = monotonic()
        fresh = min(max((now - began if took is None else took) * SHARE, least), LONGEST)
        self._entries[key] = _Entry(value, now, now + fresh, now, state)
        self._entries.move_to_end(key)
        if len(self._entries) > ENTRIES:
            self._entries.popitem(last=False)

    def confirm(
        self,
        table: JobTable | None,
        what: Hashable,
        state: WriteState,
        *,
        least: float = 0.0,
        changes_with_time: bool = False,
    ) -> bool:
        """Return whether what is kept is still right, because nothing was written since; keep it.

        Args:
            table: The table it is about; None for several.
            what: Which figures of the table these are.
            state: What `read_write_states` says now.
            least: Seconds that it is kept.
            changes_with_time: Whether it changes slowly though nothing is written, as the numbers
                of the last hour do: then it is read again after OLDEST.
        """
        key, now = _key(table, what), monotonic()
        entry = self._entries.get(key)
        if entry is None or state is None or entry.state != state:
            return False
        if now - entry.read_first_at > (OLDEST if changes_with_time else LONGEST_UNREAD):
            return False
        self._entries[key] = replace(entry, read_at=now, fresh_until=now + max(least, CONFIRMED))
        return True

    def peek(self, table: JobTable, what: Hashable) -> object:
        """Return what is kept, however old; None if nothing is."""
        entry = self._entries.get((table.key, what))
        return None if entry is None else entry.value

    def has(self, table: JobTable | None, what: Hashable, *, age: float = 0.0) -> bool:
        """Return whether `get` would read nothing, and start nothing."""
        key = _key(table, what)
        entry = self._entries.get(key)
        if entry is None:
            return False
        if key in self._being_read:
            age = OLDEST
        return monotonic() < max(entry.fresh_until, entry.read_at + age)

    def read_at(self, table: JobTable, what: Hashable) -> float:
        """Return when it was last read, by `time.monotonic()`; 0 if it is not kept."""
        entry = self._entries.get((table.key, what))
        return 0.0 if entry is None else entry.read_at

    def forget(self, table: str) -> None:
        """Forget a table, by its key, because a visitor has changed its jobs and is to see it."""
        for name in (table, SEVERAL):
            self._forgotten_at[name] = monotonic()
        for key in [key for key in self._entries if key[0] in {table, SEVERAL}]:
            del self._entries[key]


async def _state_of(session: Session, tables: Collection[JobTable]) -> WriteState:
    """Return one state of several tables; None if that of any is not known."""
    if not tables:
        return None
    states = (await read_write_states(session.conn, tables)).values()
    known = [state for state in states if state is not None]
    return "\n".join(known) if len(known) == len(states) else None


def _key(table: JobTable | None, what: Hashable) -> _Key:
    return (SEVERAL if table is None else table.key, what)
