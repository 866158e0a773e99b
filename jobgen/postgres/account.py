"""The account that a server runs as. PostgreSQL refuses root, which needs another account."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jobgen.errors import JobgenError

if sys.platform != "win32":
    import pwd

# The first one that exists is used. Each comes with some system; none is created.
_UNPRIVILEGED = ("postgres", "_postgres", "nobody", "daemon")

_KEPT_VARIABLES = frozenset({"HOME", "PATH", "TMPDIR", "LOCPATH", "ICU_DATA", "TZDIR"})
# Shared libraries, and users that are not in /etc/passwd.
_KEPT_PREFIXES = ("LD_", "DYLD_", "NSS_WRAPPER_")


@dataclass(frozen=True, slots=True)
class Account:
    """The user and group that the server's processes run as and its files belong to."""

    uid: int
    gid: int

    @property
    def is_current(self) -> bool:
        """Whether this process already runs as the account."""
        return self.uid == os.geteuid()

    @property
    def name(self) -> str:
        """The account's name for messages."""
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return str(self.uid)

    def popen(
        self,
        command: Sequence[str | Path],
        *,
        stdin: int,
        stdout: int,
        stderr: int,
        keep: Sequence[int] = (),
        variables: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[str]:
        """Start a command as this account, in a new session and in the root folder.

        A new session does not get the terminal's Ctrl-C, and every account can enter the root
        folder. The command inherits the open files in `keep` and no others, and none of libpq's
        variables except those in `variables`.

        Raises:
            JobgenError: The account cannot run the command.
        """
        identity = None if self.is_current else (self.uid, self.gid)
        try:
            return subprocess.Popen(
                [str(part) for part in command],
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                text=True,
                encoding="utf-8",
                errors="replace",
                cwd="/",
                env={**_environment(os.environ), **(variables or {})},
                start_new_session=True,
                umask=0o077,
                pass_fds=keep,
                user=identity and identity[0],
                group=identity and identity[1],
                extra_groups=None if identity is None else [],
            )
        except OSError as error:
            raise JobgenError(
                f"{command[0]} cannot be run as the user {self.name}: {error.strerror}.",
                hint="Run jobgen as an ordinary user, or set DATABASE_URL to the address of a"
                " running PostgreSQL.",
            ) from error

    def run(
        self, command: Sequence[str | Path], *, keep: Sequence[int] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as this account, and return its output and unchecked exit code."""
        process = self.popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            keep=keep,
        )
        output, _ = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, output)

    def own(self, path: Path) -> None:
        """Make this account the owner of `path`, which this process created.

        Raises:
            OSError: The file system has no owners, or this process cannot change them.
        """
        if not self.is_current:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Return whether this account can enter `folder` through all the folders above it."""
        return (
            self.is_current
            or self.run(("/bin/sh", "-c", 'cd -- "$1"', "sh", folder)).returncode == 0
        )


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return a server's environment: messages in English, times in UTC, and no secrets.

    Programs that SQL starts inherit the environment. So it has the variables that programs need to
    run at all, and neither libpq's variables nor those of an application.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if name in _KEPT_VARIABLES or name.startswith(_KEPT_PREFIXES)
    }
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def server_account() -> Account:
    """Return the account for a new server: the current user's, or an unprivileged one for root.

    Raises:
        JobgenError: This process is root, and there is no unprivileged account.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    for name in _UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_uid, entry.pw_gid)
    raise JobgenError(
        "PostgreSQL does not run as root, and this machine has none of the unprivileged users"
        f" {', '.join(_UNPRIVILEGED)}.",
        hint="Run jobgen as an ordinary user, or set DATABASE_URL.",
    )


def owner_account(path: Path) -> Account:
    """Return the account that owns a server's data at `path`, which the server has to run as.

    Raises:
        JobgenError: The owner is root, or another user than the one this process runs as.
    """
    entry = path.stat()
    account = Account(entry.st_uid, entry.st_gid)
    if not account.is_current and os.geteuid() != 0:
        raise JobgenError(
            f"{path} belongs to the user {account.name}.",
            hint=f"Run this as {account.name} or as root, or set DATABASE_URL.",
        )
    if account.uid == 0:
        raise JobgenError(
            f"{path} belongs to root, and PostgreSQL does not run as root.",
            hint="Change its owner to an unprivileged user with `chown -R`, or move it away.",
        )
    return account
