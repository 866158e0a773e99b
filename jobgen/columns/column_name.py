"""The names that a new column may have."""

from __future__ import annotations

import re

from jobgen_runtime.job_table.columns import JOB_COLUMNS
from jobgen_runtime.job_table.names import MAX_IDENTIFIER_BYTES

from jobgen.errors import UsageError
from jobgen.naming import snake_case

EXAMPLE = "Write name:type, for example pages:int=1, note:text?, day:date:index or band:references."
"""How a column is written."""

VALID_NAME = re.compile(r"[a-z_][a-z0-9_]*")
"""Matches the name of a column."""

# PostgreSQL adds these to every table.
_SYSTEM_COLUMNS = frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"})


def checked_name(name: str, argument: str, *, is_job: bool = True) -> str:
    """Return `name` if it is a valid name for a new column.

    Args:
        name: The name.
        argument: The whole argument, for error messages.
        is_job: Whether the table is a job's, which has the columns of every job already.

    Raises:
        UsageError: The name is invalid; the hint says what to write.
    """
    if not VALID_NAME.fullmatch(name):
        valid = snake_case(name)
        hint = f"Call it {valid}." if valid and VALID_NAME.fullmatch(valid) else EXAMPLE
        raise UsageError(
            f"{argument!r}: {name!r} is not a valid column name: use lower-case letters (a to z),"
            " digits and underscores, starting with a letter.",
            hint=hint,
        )
    if len(name) > MAX_IDENTIFIER_BYTES:
        raise UsageError(
            f"The column name {name[:40]}… has {len(name)} bytes,"
            f" and PostgreSQL allows {MAX_IDENTIFIER_BYTES}.",
            hint="Choose a shorter name.",
        )
    if is_job and name in JOB_COLUMNS:
        raise UsageError(
            f"{argument!r}: every job table already has a column {name}.",
            hint="Choose another name.",
        )
    if name in _SYSTEM_COLUMNS:
        raise UsageError(
            f"{argument!r}: {name} is a system column of PostgreSQL.",
            hint="Choose another name.",
        )
    return name
