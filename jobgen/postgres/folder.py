"""What a project keeps about its server: `.jobgen/postgres/` and `.jobgen/database_url`."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from jobgen_runtime.project import STATE_FOLDER, database_url_path

from jobgen.errors import JobgenError
from jobgen.postgres.account import Account
from jobgen.postgres.places import digest, state_folder

# Paths below the data folder take up to some 100 bytes of the 1,023 that PostgreSQL knows.
_LONGEST_DATA_PATH = 900
_LONGEST_NAME = 63
_TAKEN_NAMES = frozenset({"postgres", "template0", "template1"})


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where a project's data is and how its database is called; kept in cluster.json.

    `data` is outside the project where the server's account may not enter that;
    `project` tells a project that was moved from one that was copied.
    """

    project: str
    data: str
    database: str


class ServerFolder:
    """The files of one project's server."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.state = self.root / STATE_FOLDER
        self.folder = self.state / "postgres"
        self.lock = self.folder / "lock"
        self.alive = self.folder / "alive"
        self.log = self.folder / "server.log"
        self.password = self.folder / "password"
        self.database_url = database_url_path(self.root)
        self._own_data = self.folder / "data"
        self._cluster = self.folder / "cluster.json"

    def make(self) -> None:
        """Make the folders, closed to other users as far as the server's account allows."""
        try:
            if not self.root.is_dir():
                raise JobgenError(f"{self.root} is not a folder")
            self.state.mkdir(mode=0o755, exist_ok=True)
            ignored = self.state / ".gitignore"
            if not ignored.exists():
                ignored.write_text("*\n")
            if not self.folder.exists():
                _make_for(self.folder)
        except OSError as error:
            raise JobgenError(
                f"cannot write to {self.state}: {error.strerror}",
                hint="The embedded PostgreSQL keeps its data there; or set DATABASE_URL.",
            ) from error

    def cluster(self) -> Cluster | None:
        """The project's cluster; None before the first start."""
        try:
            text = self._cluster.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise JobgenError(f"cannot read {self._cluster}: {error.strerror}") from error
        try:
            cluster = Cluster(**json.loads(text))
        except (ValueError, TypeError) as error:
            raise JobgenError(
                f"{self._cluster} cannot be read: {error}",
                hint='It holds {"project": …, "data": …, "database": …}: put it right, or move'
                f" {self.folder} away for a new, empty database.",
            ) from error
        if cluster.project == str(self.root):
            return cluster
        return self._arrived(cluster)

    def _arrived(self, cluster: Cluster) -> Cluster | None:
        """The cluster of a project that has come here from another path."""
        there = Path(cluster.project)
        if cluster.data == str(there / STATE_FOLDER / "postgres" / "data"):
            return self.remember(self._own_data, cluster.database)
        if (there / STATE_FOLDER / "postgres" / self._cluster.name).exists():
            return None  # a copy: the data outside belongs to the project that is still there
        return self.remember(Path(cluster.data), cluster.database)

    def remember(self, data: Path, database: str) -> Cluster:
        """Keep in cluster.json where the data is."""
        cluster = Cluster(project=str(self.root), data=str(data), database=database)
        replace_private(self._cluster, json.dumps(asdict(cluster), indent=2) + "\n")
        return cluster

    def new_data_place(self, account: Account) -> Path:
        """Where new data goes: into the project, or outside if the account cannot enter there."""
        if len(os.fsencode(self._own_data)) <= _LONGEST_DATA_PATH and self._claimable(account):
            return self._own_data
        outside = state_folder("data") / digest(self.root)
        if not outside.exists():
            _make_for(outside)
        # For people: whose this is, and whether it can go.
        (outside / "project").write_text(f"{self.root}\n", encoding="utf-8")
        return outside / "data"

    def _claimable(self, account: Account) -> bool:
        probe = self.folder / "probe"
        shutil.rmtree(probe, ignore_errors=True)
        probe.mkdir(mode=0o700)
        try:
            account.own(probe)
            return account.can_enter(probe)
        except OSError:  # a file system that keeps no owners
            return False
        finally:
            shutil.rmtree(probe, ignore_errors=True)

    def write_database_url(self, url: str) -> None:
        """Tell `run-jobs`, `run-script` and the rest where the database is."""
        replace_private(self.database_url, url + "\n")

    def remove_database_url(self) -> None:
        """The server is not meant to be running any more."""
        with contextlib.suppress(FileNotFoundError):
            self.database_url.unlink()


def _make_for(folder: Path) -> None:
    """Make a folder that others may not read, and root's only be passed through."""
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        folder.chmod(0o711)  # whatever the umask is


def replace_private(path: Path, text: str) -> None:
    """Write a file of mode 0600 whole: readers see the old text or the new."""
    partial = path.with_name(f".{path.name}.partial")
    with contextlib.suppress(FileNotFoundError):
        partial.unlink()
    try:
        number = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
        partial.replace(path)
    except OSError as error:
        raise JobgenError(f"cannot write {path}: {error.strerror}") from error


def database_name(root: Path) -> str:
    """The name of a project's database: its folder's, in lower case, with `_` for the rest."""
    words = re.sub(r"\W+", "_", root.name.lower()).strip("_") or "jobgen"
    name = words.encode()[:_LONGEST_NAME].decode(errors="ignore")
    return f"{name}_database" if name in _TAKEN_NAMES else name
