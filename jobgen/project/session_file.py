"""The file with the addresses of the project's development session, while one runs."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from jobgen_runtime.project import STATE_FOLDER


def session_file(root: Path) -> Path:
    """Return the path of the file."""
    return root / STATE_FOLDER / "dev.json"


def session_addresses(root: Path) -> Mapping[str, str]:
    """Return the addresses that the session serves, by name; none while no session runs.

    A session that was killed leaves its file.
    """
    try:
        content = json.loads(session_file(root).read_text())
        os.kill(content["pid"], 0)  # raises if there is no such process
        return {str(name): str(url) for name, url in content["addresses"].items()}
    except (OSError, OverflowError, ValueError, KeyError, TypeError, AttributeError):
        return {}
