"""The materialized views that have rows, which a dump without data does not show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from jobgen.migrate.archive import MATVIEW_ROWS, Entry
from jobgen.migrate.sql import read
from jobgen.migrate.target import Connection


def with_matview_rows(conn: Connection, entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield the entries of a database, and one more for each materialized view that is filled.

    pg_dump writes these entries, too, into a dump with data.
    """
    filled = {
        (str(schema), str(name)) for schema, name in conn.execute(read("filled_matviews").encode())
    }
    views = []
    last = 0
    for entry in entries:
        yield entry
        last = max(last, entry.dump_id)
        if entry.kind == "MATERIALIZED VIEW" and (entry.schema, entry.name) in filled:
            views.append(entry)
    for number, view in enumerate(views, start=last + 1):
        name = view.drop.removeprefix("DROP MATERIALIZED VIEW ")
        yield replace(
            view,
            dump_id=number,
            kind=MATVIEW_ROWS,
            text=f"REFRESH MATERIALIZED VIEW {name}",
            drop="",
            dependencies=(view.dump_id,),
        )
