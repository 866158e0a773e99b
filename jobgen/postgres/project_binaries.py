"""The choice between the embedded programs and those that the project names."""

from __future__ import annotations

import os
from pathlib import Path

from jobgen.postgres.account import Account
from jobgen.postgres.binaries import Binaries
from jobgen.postgres.embedded import embedded_binaries
from jobgen.postgres.installed import installed_binaries
from jobgen.project import postgres_bin


def project_binaries(root: Path, account: Account | None = None) -> Binaries:
    """Return the PostgreSQL programs of the project at `root`.

    Args:
        root: The project's root. A folder without `[tool.jobgen]` uses the embedded programs.
        account: The account that runs them; None for the one that this process runs as.

    Raises:
        JobgenError: The account cannot run them, or `[tool.jobgen.postgres] bin` is invalid.
    """
    account = account or Account(os.geteuid(), os.getegid())
    folder = postgres_bin(root)
    if folder is None:
        return embedded_binaries(account)
    return installed_binaries(folder, account)
