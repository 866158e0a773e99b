"""Notices the files of a project that are saved."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from watchfiles import DefaultFilter, awatch

from jobgen.dev.changes import is_ignored

_DEBOUNCE_MS = 50
"""Files that are saved within this time of each other are one change."""


class SavedFiles:
    """The files of a project that are saved, from `watch` on, as absolute paths."""

    def __init__(self, root: Path) -> None:
        """Prepare to watch the files below `root`."""
        self._root = root.resolve()
        self._batches: asyncio.Queue[set[Path] | None] = asyncio.Queue()

    async def watch(self, ended: asyncio.Event) -> None:
        """Collect the files that are saved until the event is set."""
        chosen = _Filter(self._root)
        async for found in awatch(
            self._root, watch_filter=chosen, step=_DEBOUNCE_MS, stop_event=ended
        ):
            self._batches.put_nowait({Path(path) for _, path in found})
        self._batches.put_nowait(None)

    async def get(self) -> set[Path] | None:
        """Wait for saved files, and return all of them; None at the end of the session.

        What was saved while the caller was busy comes at once, however much that is.
        """
        paths: set[Path] = set()
        while not paths or not self._batches.empty():
            batch = await self._batches.get()
            if batch is None:
                return None
            paths |= batch
        return paths

    async def until_quiet(self, seconds: float) -> set[Path]:
        """Return what is saved until nothing has been for `seconds`, or the session ends."""
        paths: set[Path] = set()
        with suppress(TimeoutError):
            while (found := await asyncio.wait_for(self.get(), seconds)) is not None:
                paths |= found
            self._batches.put_nowait(None)
        return paths


class _Filter(DefaultFilter):
    """Leaves out files that do not belong to the project."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self._root = root

    def __call__(self, _change: object, path: str) -> bool:
        found = Path(path)
        if not found.is_relative_to(self._root) or is_ignored(found.relative_to(self._root)):
            return False
        return found.suffix in {".py", ".sql", ".toml"}
