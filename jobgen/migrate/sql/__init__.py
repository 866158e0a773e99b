"""The statements that read a catalog, one a file, and the one function that reads them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def read(name: str) -> bytes:
    """The statement in `<name>.sql`."""
    return files(__name__).joinpath(f"{name}.sql").read_bytes()
