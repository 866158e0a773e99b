"""What an operator may order: of one job, whatever state it is in, and of a whole kind."""

from __future__ import annotations

from jobgen_runtime.database import Statement
from jobgen_runtime.record.statements import compose
from jobgen_runtime.record.table import Table


def pause(table: Table) -> Statement:
    """No job of the kind starts any more. Returns a row unless that was so already."""
    return Statement(compose(table, "pause"))


def resume(table: Table) -> Statement:
    """Jobs of the kind start again. Returns a row if the kind was paused."""
    return Statement(compose(table, "resume"))
