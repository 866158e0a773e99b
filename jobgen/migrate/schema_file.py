"""Schema.sql: its text, and running it in a scratch database."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from jobgen_runtime.project import decode_text, read_bytes

from jobgen.errors import JobgenError
from jobgen.migrate.target import Connection
from jobgen.project import project_errors
from jobgen.schema.introspect.run_schema import run_schema
from jobgen.schema.script.read import read_script
from jobgen.schema.script.script import Script, Statement


@dataclass(frozen=True)
class SchemaFile:
    """The text of Schema.sql, its path in the project for messages, and the project's folder."""

    path: PurePosixPath
    text: str
    root: Path

    @cached_property
    def script(self) -> Script:
        """The file's statements, with those of the files that it includes.

        Raises:
            SchemaError: It has a command of psql that cannot be followed.
        """
        return read_script(self.text, self.path, self.root)

    def has_statements(self) -> bool:
        """Return whether the file has more than comments."""
        return next(self.script.statements(), None) is not None

    def script_text(self) -> str:
        r"""Return the file's statements as a script for psql, without comments between them.

        A file that uses \gset is returned as it is, because only a server knows its statements.
        """
        if self.script.resume is not None:
            return self.text
        return "".join(_psql_text(statement) for statement in self.script.statements())


def _psql_text(statement: Statement) -> str:
    if statement.result is not None:
        return f"{statement.text} \\{statement.result.command} {statement.result.prefix}\n"
    rows = "" if statement.rows is None else f"{statement.rows}\\.\n"
    return f"{statement.text};\n{rows}"


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


def run_schema_file(conn: Connection, schema: SchemaFile, *, on_scratch: bool) -> tuple[str, ...]:
    """Run the statements of Schema.sql, except those that act outside the database.

    Args:
        conn: A connection to the database, which may be in a transaction.
        schema: Schema.sql.
        on_scratch: Whether the server is a throwaway one.

    Returns:
        A line for each statement that was not run, with its reason.

    Raises:
        SchemaError: The server refused a statement. The message shows where and why.
    """
    notes = run_schema(conn, schema.script, on_scratch=on_scratch)
    return tuple(str(note) for note in notes.passed_over)
