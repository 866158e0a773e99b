"""Further columns of the default list, which the application fills."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import UUID


@dataclass(frozen=True)
class FurtherColumns:
    """The headings of further columns, and the cells of each job by its id."""

    headers: Sequence[str] = ()
    cells: Mapping[UUID, Sequence[object]] = field(default_factory=dict)


ReadColumns: TypeAlias = Callable[[Sequence[UUID]], Awaitable[FurtherColumns]]
"""Return the further columns of the jobs with these ids."""


async def no_columns(ids: Sequence[UUID]) -> FurtherColumns:  # noqa: ARG001 -- none for any
    """Return no columns."""
    return FurtherColumns()
