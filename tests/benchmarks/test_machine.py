"""The benchmark reads the memory of processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.queues.machine import peak_memory

MEGABYTES = 30
MAP_A_FILE = """
import mmap, sys
path, size = sys.argv[1], int(sys.argv[2])
with open(path, "wb+") as file:
    file.truncate(size)
    with mmap.mmap(file.fileno(), 0) as mapped:
        for page in range(0, size, mmap.PAGESIZE):
            mapped[page] = 1
        print("mapped", flush=True)
        sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_peak_memory_excludes_mapped_files_of_the_start_log(tmp_path: Path) -> None:
    logs = tmp_path / "starts"
    logs.mkdir()
    # A new process: this one may have had more memory before.
    command = [sys.executable, "-c", MAP_A_FILE, str(logs / "log"), str(MEGABYTES * 1_000_000)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"mapped\n"
        whole = peak_memory([process.pid], tmp_path / "others")
        without = peak_memory([process.pid], logs)
        process.kill()
    assert without > 0
    assert whole - without == pytest.approx(MEGABYTES, rel=0.1)
