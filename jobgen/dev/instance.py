"""Makes sure that one development session at a time runs in a project."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from jobgen.errors import JobgenError
from jobgen.postgres.locks import LockTimeoutError, locked
from jobgen.project.session_file import session_file

_LOCK_SECONDS = 1.0
"""Seconds to wait for a session that is about to end."""


@dataclass(frozen=True, slots=True)
class Instance:
    """The running session of a project.

    Attributes:
        lock: The descriptor of its lock.
        path: The file with its addresses, for the message of a second session.
    """

    lock: int
    path: Path

    def write_addresses(self, addresses: Mapping[str, str]) -> None:
        """Write the addresses that the session serves, by name."""
        content = {"pid": os.getpid(), "addresses": dict(addresses)}
        self.path.unlink(missing_ok=True)
        self.path.touch(mode=0o600)  # an address may have a token
        self.path.write_text(json.dumps(content))


@contextmanager
def only_session(root: Path) -> Iterator[Instance]:
    """Make sure that no other session of the project runs during the block.

    Raises:
        JobgenError: Another one runs. The message has its addresses.
    """
    folder = root / ".jobgen"
    path = session_file(root)
    with ExitStack() as stack:
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            holder = "Another session"
            lock = stack.enter_context(
                locked(folder / "dev.lock", timeout=_LOCK_SECONDS, holder=holder)
            )
        except LockTimeoutError:
            message, hint = _describe(path)
            raise JobgenError(message, hint=hint) from None
        except OSError as error:
            raise JobgenError(f"{error.filename}: {error.strerror}.") from None
        stack.callback(path.unlink, missing_ok=True)
        yield Instance(lock, path)


def _describe(path: Path) -> tuple[str, str]:
    try:
        content = json.loads(path.read_text())
        pid, addresses = content["pid"], content["addresses"]
        where = "".join(f"\n  {name}: {url}" for name, url in addresses.items())
    except (OSError, ValueError, KeyError, AttributeError):
        return (
            "Another `jobgen dev` in this project is starting, or ending.",
            "Try again in a moment.",
        )
    return (
        f"`jobgen dev` runs already in this project (process {pid}).{where}",
        "Use that one, or end it with Ctrl-C first.",
    )
