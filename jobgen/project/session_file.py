"""The file with the addresses of the project's development session, while one runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from jobgen_runtime.project import STATE_FOLDER


def session_file(root: Path) -> Path:
    """Return the path of the file."""
    return root / STATE_FOLDER / "dev.json"


def session_addresses(root: Path) -> Mapping[str, str]:
    """Return the addresses that the session serves, by name; none while no session runs."""
    try:
        addresses = json.loads(session_file(root).read_text())["addresses"]
        return {str(name): str(url) for name, url in addresses.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
