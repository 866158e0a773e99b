"""Confines the processes that a thread starts to one folder, without a connection to anything.

A superuser of PostgreSQL can connect to other servers, run programs and write files as the server's
account. Linux can take these rights from a process and its children: seccomp refuses system calls,
and Landlock refuses access to files. Neither needs a privilege.

See https://docs.kernel.org/userspace-api/seccomp_filter.html and
https://docs.kernel.org/userspace-api/landlock.html.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_IS_LINUX = sys.platform == "linux"

_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_SECCOMP_RET_ALLOW = 0x7FFF0000
_SECCOMP_RET_ERRNO = 0x00050000

# Offsets in struct seccomp_data; all of these machines are little-endian.
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_AF_UNIX = 1
# The architecture, and the numbers of the system calls socket and connect.
_SIXTY_FOUR_BITS = 0xC0000000
_MACHINES = {
    "x86_64": (0xC000003E, 41, 42),
    "aarch64": (0xC00000B7, 198, 203),
    "riscv64": (0xC00000F3, 198, 203),
}
_IO_URING_SETUP = 425
_FOREIGN_NUMBERS = 0x40000000
"""The first number of x86-64's second set of system calls, which no other machine has."""

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_GET_VERSION = 1
_PATH_BENEATH = 1
_WRITE_FILE = 1 << 1
# All that creates, changes or removes files, by the version of Landlock that introduced it, but not
# to remove an empty folder: the guard of a server does that to the folder itself.
_WRITES = {
    1: _WRITE_FILE | 1 << 5 | sum(1 << bit for bit in range(6, 13)),
    2: 1 << 13,
    3: 1 << 14,
}
_SCOPED_SINCE = 6
_SCOPED = 0b11
"""Abstract sockets and signals of processes that are not confined."""


def confined(start: Callable[[], T], folder: Path) -> T:
    """Call a function whose child processes are confined, and return its result.

    They can make no connection, and where the kernel has Landlock (Linux 5.13, if it is enabled),
    write no file outside of `folder` and send no signal to other processes (Linux 6.12). On other
    systems, the function is called as it is.

    Args:
        start: The function, which is called in a separate thread.
        folder: An existing folder that the processes may write to.
    """
    if not _IS_LINUX:
        return start()
    with ThreadPoolExecutor(1, "confined") as thread:
        thread.submit(_confine, folder).result()
        return thread.submit(start).result()


def landlock_version() -> int:
    """Return the version of Landlock that this kernel has, 0 or less for none."""
    return int(_libc().syscall(_CREATE_RULESET, None, 0, _GET_VERSION)) if _IS_LINUX else 0


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _confine(folder: Path) -> None:
    """Confine this thread and all processes that it will start."""
    libc = _libc()
    # Without it, the kernel asks for a privilege.
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _forbid_writing(libc, folder)
    _forbid_connecting(libc)


def _forbid_connecting(libc: ctypes.CDLL) -> None:
    """Forbid sockets other than Unix sockets, and all connections."""
    machine = _MACHINES.get(platform.machine())
    if machine is None or sys.maxsize < 1 << 32:
        return
    architecture, socket, connect = machine
    refuse = _SECCOMP_RET_ERRNO | errno.EACCES
    # Each line: its operation, its operand, and how many lines are skipped if it holds or does not.
    program = [
        (_LOAD, _ARCHITECTURE, 0, 0),
        (_IF_AT_LEAST, _SIXTY_FOUR_BITS, 0, 8),  # programs of 32 bits have other numbers
        (_IF_EQUAL, architecture, 0, 8),  # an emulator's own system calls
        (_LOAD, _NUMBER, 0, 0),
        (_IF_AT_LEAST, _FOREIGN_NUMBERS, 5, 0),
        (_IF_EQUAL, connect, 4, 0),
        (_IF_EQUAL, _IO_URING_SETUP, 3, 0),
        (_IF_EQUAL, socket, 0, 3),
        (_LOAD, _FIRST_ARGUMENT, 0, 0),
        (_IF_EQUAL, _AF_UNIX, 1, 0),
        (_RETURN, refuse, 0, 0),
        (_RETURN, _SECCOMP_RET_ALLOW, 0, 0),
    ]
    lines = b"".join(
        struct.pack("HBBI", code, holds, otherwise, operand)
        for code, operand, holds, otherwise in program
    )
    content = ctypes.create_string_buffer(lines, len(lines))
    head = struct.pack("HP", len(program), ctypes.addressof(content))
    libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, head, 0, 0)


def _forbid_writing(libc: ctypes.CDLL, folder: Path) -> None:
    """Forbid writing files outside of the folder."""
    version = landlock_version()
    if version < 1:
        return
    writes = sum(rights for since, rights in _WRITES.items() if since <= version)
    scoped = struct.pack("QQ", 0, _SCOPED) if version >= _SCOPED_SINCE else b""
    attributes = struct.pack("Q", writes) + scoped
    rules = libc.syscall(_CREATE_RULESET, attributes, len(attributes), 0)
    if rules < 0:
        return
    try:
        _allow(libc, rules, [(folder, writes), (Path(os.devnull), _WRITE_FILE)])
        libc.syscall(_RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)


def _allow(libc: ctypes.CDLL, rules: int, allowed: Iterable[tuple[Path, int]]) -> None:
    for path, rights in allowed:
        file = os.open(path, os.O_PATH)
        try:
            libc.syscall(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", rights, file), 0)
        finally:
            os.close(file)
