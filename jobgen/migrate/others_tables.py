"""Finds the objects of a database besides those of Schema.sql, where another tool owns them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jobgen.migrate.archive import Entry
from jobgen.migrate.runtime_schema import is_runtime_entry
from jobgen.migrate.schema_file import SchemaFile


def without_declared(
    entries: Iterable[Entry], schema_file: SchemaFile, schema: str
) -> Iterator[Entry]:
    """Yield the entries that Schema.sql does not create, and that do not need what it creates.

    Args:
        entries: The entries of the database.
        schema_file: Schema.sql, which has the job tables only.
        schema: The schema that new objects are created in.
    """
    # Imported here because the parser takes a tenth of a second, and few projects need it.
    from jobgen.schema.load import load_schema

    declared = load_schema(schema_file.text, schema_file.path, schema_file.root)
    names = {
        (schema if name.schema == "public" else name.schema, name.name)
        for name in (*declared.tables, *declared.types, *declared.others)
    }
    left_out: set[int] = set()
    for entry in entries:
        if (
            (entry.schema, entry.name) in names
            or is_runtime_entry(entry, schema)
            or left_out.intersection(entry.dependencies)
        ):
            left_out.add(entry.dump_id)
        else:
            yield entry
