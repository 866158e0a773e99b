"""Reading the files of a project once: contents and obstacles."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest

from jobgen.project import Snapshot, find_project, read_snapshot
from tests.support.tree import SHOP, write_tree

SCHEMA_PATH = PurePosixPath("Application/Schema.sql")


def snapshot_of(root: Path, *paths: str) -> Snapshot:
    return read_snapshot(find_project(root), map(PurePosixPath, paths))


def test_snapshot_has_the_contents_of_existing_files(tmp_path: Path) -> None:
    root = write_tree(tmp_path, {**SHOP, "a.py": b"\xef\xbb\xbfx\r\n"})
    snapshot = snapshot_of(root, "a.py", "missing.py")
    assert snapshot.before(PurePosixPath("a.py")) == b"\xef\xbb\xbfx\r\n"
    assert snapshot.before(PurePosixPath("missing.py")) is None
    assert not snapshot.obstacles


@pytest.mark.parametrize("kind", ["folder", "dangling", "fifo", "below a file"])
def test_path_that_cannot_be_a_file_is_an_obstacle(tmp_path: Path, kind: str) -> None:
    root = write_tree(tmp_path, {"pyproject.toml": SHOP["pyproject.toml"]})
    path = root / SCHEMA_PATH
    if kind == "below a file":
        path.parent.write_text("")
    else:
        path.parent.mkdir()
    if kind == "folder":
        path.mkdir()
    elif kind == "dangling":
        path.symlink_to("nowhere.sql")
    elif kind == "fifo":
        os.mkfifo(path)
    assert SCHEMA_PATH in snapshot_of(root, str(SCHEMA_PATH)).obstacles


@pytest.mark.parametrize(
    ("existing", "wanted"),
    [("Web/Job/emailcustomers.py", "Web/Job/EmailCustomers.py"), ("web/x.py", "Web/Job/A.py")],
)
def test_path_that_differs_in_case_is_another_spelling(
    tmp_path: Path, existing: str, wanted: str
) -> None:
    files = {"pyproject.toml": SHOP["pyproject.toml"], existing: ""}
    root = write_tree(tmp_path, files)
    other = snapshot_of(root, wanted).other_spellings[PurePosixPath(wanted)]
    assert existing.startswith(str(other))


def test_path_itself_is_not_another_spelling(tmp_path: Path) -> None:
    root = write_tree(tmp_path, {**SHOP, "Web/Job/A.py": "", "web/x.py": ""})
    assert not snapshot_of(root, "Web/Job/A.py", "Web/Job/B.py").other_spellings
