"""Compares the owners of objects, where that is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from psycopg import sql

from jobgen.migrate.archive import Entry
from jobgen.migrate.difference import Report


def owner_reports(
    current: Iterable[Entry], wanted: Iterable[Entry], unnamed: str
) -> Iterator[Report]:
    """Yield the objects that have another owner than Schema.sql gives them.

    Args:
        current: The database.
        wanted: The database that Schema.sql describes.
        unnamed: The owner there of what Schema.sql gives no owner.
    """
    owners = {entry.key: entry.owner for entry in current}
    for entry in wanted:
        owner = owners.get(entry.key)
        if not entry.drop or entry.owner == unnamed or owner in {None, entry.owner}:
            continue
        subject = entry.drop.removeprefix("DROP ").removesuffix(";")
        role = sql.Identifier(entry.owner).as_string()
        yield Report(
            f"owner of {entry.kind.lower()} {entry.name}",
            "differs",
            current=str(owner),
            wanted=entry.owner,
            sql=(f"ALTER {subject} OWNER TO {role};",),
        )
