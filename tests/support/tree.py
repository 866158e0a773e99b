"""Projects on the disk for tests: made from a table of files, and compared whole."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from stat import S_IMODE

SCHEMA = """\
CREATE TABLE bands (
    id UUID DEFAULT uuidv7() PRIMARY KEY NOT NULL,
    name TEXT NOT NULL
);
"""
FRONT_CONTROLLER = """\
from jobgen_runtime.dashboard import BasicAuth, JobsDashboard

MyJobDashboard = JobsDashboard(auth=BasicAuth("JOBS_USER", "JOBS_PASSWORD"), jobs=[])
"""
SHOP = {
    "pyproject.toml": '[tool.jobgen]\napplication = "Web"\n',
    "Application/Schema.sql": SCHEMA,
    "Web/FrontController.py": FRONT_CONTROLLER,
}
PEP8_SHOP = {
    "pyproject.toml": (
        '[tool.jobgen]\napplication = "shop"\n\n[tool.jobgen.paths]\n'
        'schema = "schema.sql"\ntypes = "shop/generated/types.py"\n'
        'job = "{app}/jobs/{name}.py"\nscript = "{app}/scripts/{name}.py"\n'
        'worker = "{app}/worker.py"\nfront_controller = "{app}/web.py"\n'
        'main = "worker_main.py"\nmigrations = "migrations"\n'
    ),
    "schema.sql": SCHEMA,
    "shop/web.py": FRONT_CONTROLLER,
}


def write_tree(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Make `root` with these files; texts are UTF-8 and keep their line ends."""
    root.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def read_tree(root: Path) -> dict[str, tuple[str, int, bytes]]:
    """Everything below `root` with its kind, mode and contents, but for jobgen's own folder."""
    found: dict[str, tuple[str, int, bytes]] = {}
    for folder, folders, files in os.walk(root):
        if Path(folder) == root:
            folders[:] = [name for name in folders if name not in {".jobgen", ".git"}]
        for name in [*folders, *files]:
            path = Path(folder) / name
            status = path.lstat()
            if path.is_symlink():
                entry = ("link", 0, os.fsencode(path.readlink()))
            elif path.is_dir():
                entry = ("folder", S_IMODE(status.st_mode), b"")
            else:
                entry = ("file", S_IMODE(status.st_mode), path.read_bytes())
            found[str(path.relative_to(root))] = entry
    return found
