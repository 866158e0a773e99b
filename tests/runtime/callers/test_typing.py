"""pyright accepts each form of a connection, and refuses the wrong ones; mypy checks the suite."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

FILE = Path(__file__).with_name("typed_callers.py")
SETTINGS = {
    "include": [FILE.name],
    "extraPaths": [str(FILE.parents[3])],
    "typeCheckingMode": "strict",
    "enableTypeIgnoreComments": True,
    "reportUnnecessaryTypeIgnoreComment": True,
    # Django has no annotations.
    "reportMissingTypeStubs": False,
    "reportUnknownArgumentType": False,
}


def test_pyright_accepts_the_right_connections_and_refuses_others(tmp_path: Path) -> None:
    assert FILE.read_text().count("# type: ignore") >= 10
    shutil.copy(FILE, tmp_path)
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(SETTINGS))
    pyright = Path(sys.executable).with_name("pyright")
    done = subprocess.run(
        [pyright, "--pythonpath", sys.executable, "-p", tmp_path],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert "0 errors" in done.stdout
