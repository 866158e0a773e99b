"""How long the worker waits for what, in seconds."""

from __future__ import annotations

LULL = 0.05
"""Without a due row, until it is asked when the next will be: under load, never."""

LOCKED_ELSEWHERE = 0.5
"""Until a due row that another session holds locked is tried again."""

GLANCE = 0.005
"""From one claim to the next while jobs keep coming to a table whose changes need not wake."""

UNSETTLED = 0.05
"""Until it is looked again for a change that was under way: doubled each time, up to UNWOKEN."""

TURN = 0.02
"""About, until it is tried again to claim what another worker was claiming."""

TROUBLE = 2.0
"""Until what the database would not do, or a table that someone has locked, is tried again."""

UNWOKEN = 1.0
"""From one look to the next, at most, where nothing wakes the worker."""

SELDOM = 2
"""Polls from one look for what is hardly ever amiss to the next: a claim whose answer was lost, a
trigger that was dropped, LISTEN that fell silent."""
