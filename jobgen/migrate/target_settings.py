"""The settings of the database to migrate, which its copies have to share."""

from __future__ import annotations

from dataclasses import dataclass

from jobgen.errors import JobgenError
from jobgen.migrate.sql import read
from jobgen.migrate.target import Connection


@dataclass(frozen=True, slots=True)
class TargetSettings:
    """The settings that decide how a database understands Schema.sql.

    Attributes:
        server_version: The server's version, such as 180006.
        schema: The schema that new objects are created in.
        search_path: The whole search path.
        encoding: The encoding of texts, such as "UTF8".
        collation: The LC_COLLATE of the database.
        character_type: The LC_CTYPE of the database.
        parameters: The names and values of other settings.
    """

    server_version: int
    schema: str
    search_path: str
    encoding: str
    collation: str
    character_type: str
    parameters: tuple[tuple[str, str], ...]


def read_settings(conn: Connection) -> TargetSettings:
    """Read the settings of a database.

    Raises:
        JobgenError: The search path names no schema that exists.
    """
    row = conn.execute(read("target_database").encode()).fetchone() or (None, "", "", "", "")
    schema, path, encoding, collation, character_type = row
    if schema is None:
        raise JobgenError(
            f"The search_path of the database ({path}) names no schema that exists.",
            hint="Create the schema, or set another search_path.",
        )
    parameters = conn.execute(read("target_settings").encode()).fetchall()
    return TargetSettings(
        conn.info.server_version,
        str(schema),
        str(path),
        str(encoding),
        str(collation),
        str(character_type),
        tuple(sorted((str(name), str(value)) for name, value in parameters)),
    )
