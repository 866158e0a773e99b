"""The files of a project's server: `.jobgen/postgres/` and `.jobgen/database_url`."""

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
from jobgen.postgres.system_folders import path_digest, state_folder

# PostgreSQL allows 1,023 bytes, of which paths below the data folder need about 100.
_LONGEST_DATA_PATH = 900
_LONGEST_NAME = 63
_TAKEN_NAMES = frozenset({"postgres", "template0", "template1"})


@dataclass(frozen=True, slots=True)
class Cluster:
    """The contents of cluster.json: where a project's data is, and its database's name.

    Attributes:
        project: The project's path, which tells a moved project from a copied one.
        data: The data folder, outside the project where the server's account cannot enter that.
        database: The name of the database.
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

    def create(self) -> None:
        """Create the folders, closed to other users as far as the server's account allows.

        Raises:
            JobgenError: The project's root is not a folder, or cannot be written to.
        """
        try:
            if not self.root.is_dir():
                raise JobgenError(f"{self.root} is not a folder.")
            self.state.mkdir(mode=0o755, exist_ok=True)
            ignored = self.state / ".gitignore"
            if not ignored.exists():
                ignored.write_text("*\n")
            if not self.folder.exists():
                _create_private(self.folder)
        except OSError as error:
            raise JobgenError(
                f"{self.state} cannot be written to: {error.strerror}.",
                hint="The embedded PostgreSQL keeps its data there. Make the folder writable, or"
                " set DATABASE_URL.",
            ) from error

    def cluster(self) -> Cluster | None:
        """Return the project's cluster; None before the first start.

        Raises:
            JobgenError: cluster.json cannot be read.
        """
        try:
            text = self._cluster.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise JobgenError(f"{self._cluster} cannot be read: {error.strerror}.") from error
        try:
            cluster = Cluster(**json.loads(text))
        except (ValueError, TypeError) as error:
            raise JobgenError(
                f"{self._cluster} cannot be read: {error}.",
                hint='It holds {"project": …, "data": …, "database": …}. Correct it, or move'
                f" {self.folder} away for a new, empty database.",
            ) from error
        if cluster.project == str(self.root):
            return cluster
        return self._moved(cluster)

    def _moved(self, cluster: Cluster) -> Cluster | None:
        """Return the cluster of a project that was moved here; None for a copy without its data."""
        there = Path(cluster.project)
        if cluster.data == str(there / STATE_FOLDER / "postgres" / "data"):
            return self.save_cluster(self._own_data, cluster.database)
        if (there / STATE_FOLDER / "postgres" / self._cluster.name).exists():
            return None  # the data outside belongs to the project that still exists
        return self.save_cluster(Path(cluster.data), cluster.database)

    def save_cluster(self, data: Path, database: str) -> Cluster:
        """Write cluster.json, and return its contents."""
        cluster = Cluster(project=str(self.root), data=str(data), database=database)
        replace_private(self._cluster, json.dumps(asdict(cluster), indent=2) + "\n")
        return cluster

    def new_data_folder(self, account: Account) -> Path:
        """Return the path for new data, outside the project if the account cannot enter that."""
        if len(os.fsencode(self._own_data)) <= _LONGEST_DATA_PATH and self._is_usable_by(account):
            return self._own_data
        outside = state_folder("data") / path_digest(self.root)
        if not outside.exists():
            _create_private(outside)
        # Tells people which project the folder belongs to.
        (outside / "project").write_text(f"{self.root}\n", encoding="utf-8")
        return outside / "data"

    def _is_usable_by(self, account: Account) -> bool:
        probe = self.folder / "probe"
        shutil.rmtree(probe, ignore_errors=True)
        probe.mkdir(mode=0o700)
        try:
            account.own(probe)
            return account.can_enter(probe)
        except OSError:  # a file system without owners
            return False
        finally:
            shutil.rmtree(probe, ignore_errors=True)

    def write_database_url(self, url: str) -> None:
        """Write the address where `run-jobs`, `run-script` and the generator find it."""
        replace_private(self.database_url, url + "\n")

    def remove_database_url(self) -> None:
        """Remove the address, because the server was stopped."""
        with contextlib.suppress(FileNotFoundError):
            self.database_url.unlink()


def _create_private(folder: Path) -> None:
    """Create a folder that other users cannot read. Root's can be passed through."""
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        folder.chmod(0o711)  # whatever the umask is


def replace_private(path: Path, text: str) -> None:
    """Write a file of mode 0600 atomically: readers see the old text or the new one.

    Raises:
        JobgenError: The file cannot be written.
    """
    partial = path.with_name(f".{path.name}.partial")
    with contextlib.suppress(FileNotFoundError):
        partial.unlink()
    try:
        number = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
        partial.replace(path)
    except OSError as error:
        raise JobgenError(f"{path} cannot be written: {error.strerror}.") from error


def database_name(root: Path) -> str:
    """Return the name of a project's database: its folder's in lower case, words joined by `_`."""
    words = re.sub(r"\W+", "_", root.name.lower()).strip("_") or "jobgen"
    name = words.encode()[:_LONGEST_NAME].decode(errors="ignore")
    return f"{name}_database" if name in _TAKEN_NAMES else name
