"""Write a standalone program: a shell script, and the archive that its first start unpacks."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from jobgen.build.programs import Program
from jobgen.build.standalone.freeze import LIBRARY, freeze
from jobgen.errors import JobgenError

_SCRIPT = Path(__file__).with_name("unpack.sh")
_PYTHON = Path(__file__).with_name("python.sh")
_OFFSET_DIGITS = 6
_LEFT_OUT = ("__pycache__", "*.so", "PEX_EXTRA_SYS_PATH.*", "RECORD")
"""Files of the environment: PyInstaller has copied the libraries, and RECORD has hashes of scripts
with the path of the environment, which is another one each time."""


def pack_standalone(packed: Path, program: Program, folder: Path) -> None:
    """Replace a program that needs Python by one that contains it.

    Args:
        packed: The file, as pex has written it.
        program: The program.
        folder: An empty folder to work in.

    Raises:
        JobgenError: PyInstaller refuses.
    """
    site = _unpack(packed, folder / "environment")
    work = folder / "freeze"
    work.mkdir()
    frozen = freeze(work, program.name, site)
    shutil.copytree(
        site,
        frozen / LIBRARY / "site",
        ignore=shutil.ignore_patterns(*_LEFT_OUT),
        dirs_exist_ok=True,
    )
    python = frozen / "python"
    python.write_text(_fill(_PYTHON, program))
    python.chmod(0o755)
    archive = folder / "archive.tar.gz"
    _compress(frozen, archive)
    _write(packed, archive, program)


def _unpack(packed: Path, folder: Path) -> Path:
    """Return the folder with the modules of a program that pex has written."""
    done = subprocess.run(
        [sys.executable, "-m", "pex.tools", packed, "venv", folder],
        env={**os.environ, "PEX_ROOT": str(folder.with_name("pex"))},
        capture_output=True,
        text=True,
        check=False,
    )
    site = next(folder.glob("lib/python*/site-packages"), None)
    if done.returncode != 0 or site is None:
        raise JobgenError(f"The program cannot be unpacked: {done.stderr.strip()}")
    return site


def _compress(folder: Path, archive: Path) -> None:
    """Write the same bytes for the same files."""
    with (
        archive.open("wb") as file,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w") as tar,
    ):
        for path in sorted(folder.rglob("*")):
            tar.add(path, str(path.relative_to(folder)), recursive=False, filter=_without_owner)


def _without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if member.mode & 0o100 else 0o644
    return member


def _write(output: Path, archive: Path, program: Program) -> None:
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
    commands = " | ".join(program.commands) or "''"
    script = _fill(_SCRIPT, program).replace("@DIGEST@", digest).replace("@COMMANDS@", commands)
    marker = "@OFFSET@"
    length = len(script.encode()) - len(marker) + _OFFSET_DIGITS
    header = script.replace(marker, f"{length + 1:0{_OFFSET_DIGITS}}")
    with output.open("wb") as file, archive.open("rb") as compressed:
        file.write(header.encode())
        shutil.copyfileobj(compressed, file)
    output.chmod(0o755)


def _fill(template: Path, program: Program) -> str:
    return template.read_text(encoding="utf-8").replace("@NAME@", program.name)
