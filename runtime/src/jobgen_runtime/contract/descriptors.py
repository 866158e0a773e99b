"""Keep a forked process from using descriptors that it shares with its parent."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from typing import Protocol


class HasDescriptor(Protocol):
    """An object with a file descriptor, which may be closed."""

    def fileno(self) -> int:
        """Return the descriptor, or a negative number if there is none."""
        ...


def redirect_to_null(sources: Iterable[HasDescriptor]) -> None:
    """Put `/dev/null` in the place of descriptors, in this process alone.

    Args:
        sources: Objects with a descriptor. One whose `fileno` raises is passed over.
    """
    nothing = os.open(os.devnull, os.O_RDWR)
    for source in sources:
        # Closed objects raise errors of various classes.
        with suppress(Exception):
            descriptor = source.fileno()
            if descriptor >= 0:
                os.dup2(nothing, descriptor, inheritable=False)
    os.close(nothing)
