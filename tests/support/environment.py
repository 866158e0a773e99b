"""The environment that tests give to the programs that they start."""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

MEMORY = Path("/dev/shm")  # noqa: S108 -- only new folders in it are used
"""Linux's file system in memory. Containers often have one of 64 MB, or allow no programs in it."""

MEMORY_NEEDED = 4 << 30
"""Bytes that must be free, far above what the servers and projects of one run take."""

_OTHER_PLUGINS = ("anyio", "faker", "hypothesispytest", "xdist", "xdist.looponfail")

_IMPORT_PLUGIN = """
from importlib import import_module
from pkgutil import iter_modules
from jobgen_runtime import testing

for module in iter_modules(testing.__path__, f"{testing.__name__}."):
    import_module(module.name)
"""


def keep_temporary_files_in_memory() -> None:
    """Set TMPDIR to a folder in memory if this machine has one that is large enough.

    ext4 reuses no inode within minutes of its deletion and passes over all of them whenever a file
    is created. With a database for each test, each of about 300 files, that becomes the most
    expensive part of the suite. A TMPDIR that is set already is kept.
    """
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK):
        return
    status = os.statvfs(MEMORY)
    if status.f_flag & os.ST_NOEXEC or status.f_bavail * status.f_frsize < MEMORY_NEEDED:
        return
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None  # read again


def compile_packages() -> None:
    """Write the bytecode of both packages if processes under test are not allowed to.

    Hundreds of them import the same modules, and compiling takes as long as the rest of a start.
    """
    if sys.dont_write_bytecode:
        for folder in (ROOT / "jobgen", ROOT / "runtime/src"):
            compileall.compile_dir(folder, quiet=1)
        _compile_plugins()


def _compile_plugins() -> None:
    """Let pytest write the bytecode of its plugins, in which it rewrites assertions."""
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_plugins.py").write_text(_IMPORT_PLUGIN)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider"],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED, done.stdout + done.stderr


def leave_out_other_plugins(environment: dict[str, str]) -> None:
    """Start pytest with jobgen's plugin alone in this environment.

    The others, which are there for this suite, take half of its start.
    """
    options = (f"-pno:{name}" for name in _OTHER_PLUGINS)
    environment["PYTEST_ADDOPTS"] = " ".join(("-pno:cacheprovider", *options))


def compile_what_is_imported(environment: dict[str, str]) -> None:
    """Make pip leave compiling to the first import, in the environment of commands.

    Of the modules that it installs, a test imports a fraction. The variable is that of
    `--compile`: pip takes a true value of PIP_NO_COMPILE as an order to compile.
    """
    environment["PIP_COMPILE"] = "0"
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
