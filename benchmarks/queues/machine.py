"""Read the CPU time and the peak memory of processes and their descendants from /proc.

Without /proc (outside Linux) every figure is NaN.
"""

from __future__ import annotations

import math
import os
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class _Process:
    parent: int
    ticks: int
    """CPU time of the process and of the children that it has waited for."""


def _process(pid: int) -> _Process | None:
    try:
        # The process's name, in brackets, may contain blanks and brackets.
        fields = Path(_PROC, str(pid), "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return _Process(int(fields[1]), sum(int(ticks) for ticks in fields[11:15]))


def _family(roots: Iterable[int]) -> dict[int, _Process]:
    """Return the processes `roots` and all their living descendants."""
    processes: dict[int, _Process] = {}
    children: dict[int, list[int]] = defaultdict(list)
    for name in os.listdir(_PROC):  # noqa: PTH208 -- only names are needed, thousands of times
        if name.isdecimal() and (process := _process(int(name))) is not None:
            processes[int(name)] = process
            children[process.parent].append(int(name))
    family: dict[int, _Process] = {}
    waiting = list(roots)
    while waiting:
        pid = waiting.pop()
        if pid in processes:
            family[pid] = processes[pid]
            waiting += children[pid]
    return family


def cpu_seconds(roots: Iterable[int]) -> float:
    """Return the CPU time, user and system, of these processes and their descendants."""
    if not _PROC.exists():
        return math.nan
    ticks = sum(process.ticks for process in _family(roots).values())
    return ticks / os.sysconf("SC_CLK_TCK")


def busy_seconds() -> float:
    """Return the CPU time that the whole machine has used."""
    if not _PROC.exists():
        return math.nan
    user, nice, system, _idle, _waiting, *more = Path(_PROC, "stat").read_text().split()[1:9]
    ticks = sum(map(int, (user, nice, system, *more)))
    return ticks / os.sysconf("SC_CLK_TCK")


def peak_memory(roots: Iterable[int], excluding: Path) -> float:
    """Return the sum of the peak resident sizes, in MB, of these processes and their descendants.

    Mapped files in the folder `excluding` do not count. They only grow, so their size now is at
    least their size at the peak.
    """
    if not _PROC.exists():
        return math.nan
    kilobytes = 0
    for pid in _family(roots):
        try:
            status = Path(_PROC, str(pid), "status").read_text()
            maps = Path(_PROC, str(pid), "smaps").read_text()
        except OSError:
            continue
        kilobytes += sum(_kilobytes(status, "VmHWM:"))
        for mapping in re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", maps, flags=re.MULTILINE):
            if f" {excluding}{os.sep}" in mapping.partition("\n")[0]:
                kilobytes -= sum(_kilobytes(mapping, "Rss:"))
    return kilobytes / 1000


def _kilobytes(text: str, key: str) -> list[int]:
    return [int(line.split()[1]) for line in text.splitlines() if line.startswith(key)]


def parent(pid: int) -> int | None:
    """Return the id of the process that started `pid`, or None if it is gone."""
    process = _process(pid)
    return process.parent if process else None


def cores() -> int:
    """Return the number of cores of the machine."""
    return os.cpu_count() or 1


def description() -> dict[str, str]:
    """Return a description of the machine for the report."""
    system = os.uname()
    facts = {"system": f"{system.sysname} {system.release} {system.machine}"}
    facts["cores"] = str(cores())
    if (cpus := _PROC / "cpuinfo").exists():
        names = [line for line in cpus.read_text().splitlines() if line.startswith("model name")]
        if names:
            facts["processor"] = names[0].partition(":")[2].strip()
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    facts["memory"] = f"{pages / 2**30:.0f} GiB"
    return facts
