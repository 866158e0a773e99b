"""Reads SQL statements from the `.sql` files of a package, one statement a file."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files


def reader(package: str) -> Callable[[str], str]:
    """Return a function that reads `<name>.sql` in `package`, each file once per process."""
    folder = files(package)

    @cache
    def read(name: str) -> str:
        return folder.joinpath(f"{name}.sql").read_text(encoding="utf-8")

    return read
