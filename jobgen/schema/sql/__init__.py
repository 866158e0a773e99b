"""The statements that read the catalogs, one a file, and the one function that loads them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def read(name: str) -> bytes:
    """The text of the statement in `<name>.sql`."""
    return files(__name__).joinpath(f"{name}.sql").read_bytes()
