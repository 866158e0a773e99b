"""Suspects: waiting jobs whose last worker died, perhaps because of them.

A suspect's row still names a worker in locked_by although it waits. Its last_error says how many
workers in a row have died with it, because no other column survives the next claim.
"""

from __future__ import annotations

SUSPECTS_SEARCHED = 500
"""How many due rows are searched for suspects, from the first: so that a search costs little."""

DEATH_ERRORS = [
    (
        "The worker that ran this job died, or lost the database for longer than it may. "
        "The job may be what killed it."
    ),
    (
        "The workers of the last two attempts died, or lost the database for longer than they "
        "may. The job may be what killed them."
    ),
    (
        "The workers of the last three attempts or more died, or lost the database for longer "
        "than they may. The job may be what killed them."
    ),
]
"""The last_error of a job whose worker died, by how many attempts in a row that happened to."""


def may_run_beside_suspects(deaths: int) -> bool:
    """Return whether other suspects may run at the same time, each in a separate process."""
    return deaths < len(DEATH_ERRORS) - 1


def must_run_alone(deaths: int) -> bool:
    """Return whether no job at all may start while the suspect runs."""
    return deaths >= len(DEATH_ERRORS)
