"""Details of a table from the text of Schema.sql."""

from __future__ import annotations

from pathlib import PurePosixPath

from jobgen.errors import JobgenError
from jobgen.schema.model import Table
from jobgen.schema.parse.details import TableDetails, read_details
from jobgen.schema.script.read import read_script


def table_details(text: str, path: PurePosixPath, table: Table) -> TableDetails | None:
    """Return the details of the table in the text; None if another file has it."""
    try:
        return read_details(read_script(text, path), table.qualified)
    except JobgenError:
        # The script depends on files that it includes, which were read for the schema.
        return None
