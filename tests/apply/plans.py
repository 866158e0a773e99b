"""A plan with every kind of change, and disks that fail or end the process at one step."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from jobgen.apply import Disk
from jobgen.plan.model import FileChange, Plan
from tests.support.tree import write_tree

BEFORE = {
    "keep.py": "untouched\n",
    "Schema.sql": "CREATE TABLE a ();\n",
    "run.py": "#!/bin/sh\n",
    "old/gone.py": "to be deleted\n",
}


def make_tree(root: Path) -> Path:
    """Write the files that `every_change` changes, with unusual modes."""
    write_tree(root, BEFORE)
    (root / "run.py").chmod(0o751)
    (root / "Schema.sql").chmod(0o600)
    (root / "old/gone.py").chmod(0o640)
    return root


def every_change() -> Plan:
    """Return a plan that updates, creates and deletes files, in new and in old folders."""
    return Plan(
        "test",
        changes=(
            change("keep.py", "untouched\n", "untouched\n"),
            change(
                "Schema.sql", "CREATE TABLE a ();\n", "CREATE TABLE a ();\nCREATE TABLE b ();\n"
            ),
            change("run.py", "#!/bin/sh\n", "#!/bin/sh\nexit\n"),
            change("Web/Job/New.py", None, "new\n"),
            change("Web/Worker.py", None, "workers\n"),
            change("old/script.py", None, "#!\n", mode=0o755),
            change("old/gone.py", "to be deleted\n", None),
        ),
    )


def change(path: str, before: str | None, after: str | None, mode: int | None = None) -> FileChange:
    return FileChange(
        PurePosixPath(path),
        None if before is None else before.encode(),
        None if after is None else after.encode(),
        mode,
    )


class SteppingDisk(Disk):
    """The real disk; before each step it calls `on_step` with the step's number."""

    def __init__(self, on_step: Callable[[int], None] = lambda _: None) -> None:
        self.steps = 0
        self._on_step = on_step

    def _step(self) -> None:
        self.steps += 1
        self._on_step(self.steps)

    def make_folder(self, path: Path) -> None:
        self._step()
        super().make_folder(path)

    def remove_folder(self, path: Path) -> None:
        self._step()
        super().remove_folder(path)

    def write_new(
        self,
        path: Path,
        content: bytes,
        mode: int,
        *,
        exact: bool = False,
        owner: os.stat_result | None = None,
    ) -> None:
        self._step()
        super().write_new(path, content, mode, exact=exact, owner=owner)
        self._step()  # written, then interrupted

    def replace(self, source: Path, target: Path) -> None:
        self._step()
        super().replace(source, target)

    def remove(self, path: Path) -> None:
        self._step()
        super().remove(path)

    def sync_folder(self, path: Path) -> None:
        self._step()
        super().sync_folder(path)


def failing_at(number: int, *, from_then_on: bool = False) -> SteppingDisk:
    """Return a disk that is full at one step, or from that step on."""

    def fail(step: int) -> None:
        if step == number or (from_then_on and step > number):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return SteppingDisk(fail)


def killing_at(number: int) -> SteppingDisk:
    """Return a disk that kills its process with SIGKILL at one step."""

    def kill(step: int) -> None:
        if step == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return SteppingDisk(kill)
