"""`make demo`, from `jobgen new` to the mails of the first job."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_demo_sends_every_mail_and_its_job_succeeds() -> None:
    done = subprocess.run(
        ["make", "demo"],
        cwd=ROOT,
        env={**os.environ, "MAKEFLAGS": ""},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 of 3 mails arrived. The job's status is job_status_succeeded." in done.stdout
    assert "\x1b[" not in done.stdout, "colors were printed to a pipe"
