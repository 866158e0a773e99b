"""Who runs the server: PostgreSQL refuses root, so root hands it to another account."""

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

# The first of these that the machine has; all come with their systems, none is made.
_UNPRIVILEGED = ("postgres", "_postgres", "nobody", "daemon")


@dataclass(frozen=True, slots=True)
class Account:
    """The user and group that the server's processes run as and its files belong to."""

    uid: int
    gid: int

    @property
    def is_current(self) -> bool:
        """Whether this process has these rights already, and so changes nothing."""
        return self.uid == os.geteuid()

    @property
    def name(self) -> str:
        """The account's name, for messages."""
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
    ) -> subprocess.Popen[str]:
        """Start a command as this account, in a session of its own and in the root folder.

        The session keeps the terminal's Ctrl-C away; the root folder is one that every
        account may be in. Of the open files only those in `keep` are passed on.
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
                env=_environment(os.environ),
                start_new_session=True,
                umask=0o077,
                pass_fds=keep,
                user=identity and identity[0],
                group=identity and identity[1],
                extra_groups=None if identity is None else [],
            )
        except PermissionError as error:
            raise JobgenError(
                f"cannot run {command[0]} as the user {self.name}: {error.strerror}",
                hint="Run jobgen as an ordinary user, or set DATABASE_URL to a PostgreSQL"
                " that is running.",
            ) from error

    def run(
        self, command: Sequence[str | Path], *, keep: Sequence[int] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as this account to its end; its output is kept, its code not checked."""
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
        """Give `path`, which this process made, to this account.

        Raises:
            OSError: the file system keeps no owners, or this process may not set them.
        """
        if not self.is_current:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Whether this account reaches `folder`, whatever the folders above it say."""
        return (
            self.is_current
            or self.run(("/bin/sh", "-c", 'cd -- "$1"', "sh", folder)).returncode == 0
        )


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The server's environment: none of libpq's settings, messages in English, times in UTC."""
    kept = {name: value for name, value in environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def server_account() -> Account:
    """The account for a new server: the current user's, or an unprivileged one for root."""
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
        "PostgreSQL does not run as root, and this machine has no unprivileged user for it"
        f" (looked for {', '.join(_UNPRIVILEGED)})",
        hint="Run jobgen as an ordinary user, or set DATABASE_URL.",
    )


def owner_account(path: Path) -> Account:
    """The account that a server's data at `path` belongs to, and so has to run as."""
    entry = path.stat()
    account = Account(entry.st_uid, entry.st_gid)
    if not account.is_current and os.geteuid() != 0:
        raise JobgenError(
            f"{path} belongs to the user {account.name}",
            hint=f"Run this as {account.name} or as root, or set DATABASE_URL.",
        )
    if account.uid == 0:
        raise JobgenError(
            f"{path} belongs to root, as whom PostgreSQL does not run",
            hint="Give it to an unprivileged user with `chown -R`, or move it away.",
        )
    return account
