"""Schema.sql: its text, and running it in a scratch database."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jobgen_runtime.project import decode_text, read_bytes

from jobgen.errors import JobgenError
from jobgen.migrate.snapshot import Connection
from jobgen.project import project_errors
from jobgen.schema.introspect.run_schema import run_schema
from jobgen.schema.script.read import read_script
from jobgen.schema.script.script import Script

_EXTENSION = re.compile(r'create\s+extension\s+(?:if\s+not\s+exists\s+)?"?([\w-]+)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """The text of Schema.sql, its path in the project for messages, and the project's folder."""

    path: PurePosixPath
    text: str
    root: Path

    def script(self) -> Script:
        """Read the file's statements, with those of the files that it includes.

        Raises:
            SchemaError: It has a command of psql that cannot be followed.
        """
        return read_script(self.text, self.path, self.root)


def read_schema_file(root: Path, path: PurePosixPath) -> SchemaFile:
    """Read Schema.sql, whose path is relative to the project's root.

    Raises:
        JobgenError: It does not exist, cannot be read, or is not UTF-8.
    """
    with project_errors():
        content = read_bytes(root / path)
        text = None if content is None else decode_text(content, path)
    if text is None:
        raise JobgenError(
            f"There is no {path}.",
            hint="Write the tables into it, or name the file in [tool.jobgen.paths] schema.",
        )
    return SchemaFile(path, text, root)


def extensions_of(schema: SchemaFile) -> frozenset[str]:
    """Return the names of the extensions that Schema.sql creates."""
    found = (_EXTENSION.match(statement.text) for statement in schema.script().statements())
    return frozenset(match[1] for match in found if match)


def run_schema_file(conn: Connection, schema: SchemaFile) -> None:
    """Run the statements of Schema.sql, except those that act outside the database.

    Raises:
        SchemaError: The server refused a statement. The message shows where and why.
    """
    run_schema(conn, schema.script(), on_scratch=False)


def run_all(conn: Connection, statements: Iterable[str]) -> None:
    """Run statements that were derived from a snapshot."""
    for statement in statements:
        conn.execute(statement.encode())
