"""The benchmark reads the memory of processes."""

from __future__ import annotations

import mmap
import os
import sys
from pathlib import Path

import pytest

from benchmarks.queues.machine import peak_memory

MEGABYTES = 30


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_peak_memory_excludes_mapped_files_of_the_start_log(tmp_path: Path) -> None:
    logs = tmp_path / "starts"
    logs.mkdir()
    before = peak_memory([os.getpid()], logs)
    with (logs / "log").open("wb+") as file:
        file.truncate(MEGABYTES * 1_000_000)
        with mmap.mmap(file.fileno(), 0) as mapped:
            for page in range(0, len(mapped), mmap.PAGESIZE):
                mapped[page] = 1
            assert peak_memory([os.getpid()], tmp_path / "others") > before + MEGABYTES / 2
            assert peak_memory([os.getpid()], logs) < before + MEGABYTES / 2
