"""Projects with servers, and the processes and sockets of these servers."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from jobgen.postgres import Server

CONFIG = '[project]\nname = "shop"\n\n[tool.jobgen]\n'


def is_alive(pid: int) -> bool:
    """Return whether a process runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def socket_folder_of(url: str) -> Path:
    """Return the folder that an address has as its host."""
    return Path(str(conninfo_to_dict(url)["host"]))


def remove_server(root: Path) -> None:
    """Stop a project's server and remove its data, inside or outside of the project."""
    Server(root).stop()
    cluster = root / ".jobgen/postgres/cluster.json"
    if cluster.exists():
        data = Path(json.loads(cluster.read_text())["data"])
        if not data.is_relative_to(root.resolve()):
            shutil.rmtree(data.parent)
