"""The dashboard's pages besides the overview, as its navigation shows them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A page in the navigation."""

    label: str
    action: str
    """The last part of its address."""


SECTIONS: tuple[Section, ...] = (
    Section("Errors", "ListErrors"),
    Section("Workers", "ListWorkers"),
    Section("Schedules", "ListSchedules"),
    Section("Charts", "ViewCharts"),
)
"""The pages in the order in which the navigation shows them."""
