"""Find the tables whose rows row security may hide from a worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection

from jobgen_runtime.control import HiddenRows, fetch_hidden_rows
from jobgen_runtime.preflight.fixes import admit_all_rows, bypass_row_security
from jobgen_runtime.preflight.problem import Problem
from jobgen_runtime.preflight.rights import RIGHTS_ON_RUNTIME_TABLES
from jobgen_runtime.table import Table


async def find_hidden_rows(
    conn: AsyncConnection[Any],
    tables: Sequence[Table],
    rights: Mapping[str, Sequence[str]],
    role: str,
) -> list[Problem]:
    """Return a problem for each table of a worker whose rows may be hidden from its role.

    It is fatal if a worker could not work properly: without all rows of the runtime's tables, with
    no row of a job table, or if rows of a job table vanish while their jobs run. A policy that lets
    a role process some jobs only may be intended.

    Args:
        conn: The worker's connection.
        tables: The job tables.
        rights: The rights that the worker needs on them, by their quoted names.
        role: The worker's role.
    """
    found: dict[str, list[HiddenRows]] = {}
    for hidden in await fetch_hidden_rows(conn, {**RIGHTS_ON_RUNTIME_TABLES, **rights}):
        found.setdefault(hidden.table, []).append(hidden)
    names = {table.sql_name: table.qualified_name for table in tables}
    return [
        _problem(table, names.get(table, table), hidden, role) for table, hidden in found.items()
    ]


def _problem(table: str, name: str, hidden: Sequence[HiddenRows], role: str) -> Problem:
    """Return the problem of one table, whose quoted name is `table`."""
    policy, bypass = admit_all_rows(table, role), bypass_row_security(role)
    none = [each.right for each in hidden if not each.admits_some]
    rights = " and ".join(none or [each.right for each in hidden])
    message = f"Row security lets the role {role} {rights} "
    message += f"no row of {name}." if none else f"only some rows of {name}."
    is_fatal = bool(none) or table in RIGHTS_ON_RUNTIME_TABLES
    if not is_fatal and any(each.follows_state for each in hidden):
        is_fatal = True
        message += " Its policies read columns that workers change: rows vanish while jobs run."
    elif not is_fatal:
        message += " Jobs in other rows are not started by this worker."
    fix = bypass if any(each.is_restricted for each in hidden) else policy
    return Problem(
        message,
        is_fatal=is_fatal,
        hint=f"Let the table's owner run {policy}; or a superuser {bypass}; "
        f"or turn it off: ALTER TABLE {table} DISABLE ROW LEVEL SECURITY.",
        statements=(fix,) if is_fatal else (),
    )
