"""Freeze the interpreter and its standard library with PyInstaller: a folder that needs no Python.

PyInstaller finds the libraries that the interpreter and the extension modules are linked to, and
packs the modules of the standard library. It need not search these for imports: programs have all
of them. The application and its dependencies are left as files. Its licence allows programs of any
licence to contain its loader. Its documentation: https://pyinstaller.org.
"""

from __future__ import annotations

import json
import os
import pkgutil
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from jobgen.errors import JobgenError

LIBRARY = "lib"
"""The folder below the frozen one that holds all but the program."""

_BOOT = Path(__file__).with_name("boot.py")
_LEFT_OUT = frozenset(
    {
        *("antigravity", "ensurepip", "idlelib", "lib2to3", "pydoc_data", "test", "this"),
        *("tkinter", "turtle", "turtledemo", "venv", "_tkinter"),
    }
)
"""Modules of the standard library that no worker needs."""

_OTHERS = frozenset({"distutils", "pkg_resources", "setuptools", "_distutils_hack"})
"""Modules of jobgen's environment that PyInstaller would find by way of the standard library, and
load at each start. Programs have those that their dependencies install."""

_HOOKED = ("inspect", "multiprocessing", "pkgutil")
"""Modules of the standard library that PyInstaller adapts to its programs when these start."""

_SPEC = """
import json
from pathlib import Path
from zipfile import ZipFile
from PyInstaller.depend.bindepend import resolve_library_path
given = json.loads(Path(SPECPATH, "input.json").read_text(encoding="utf-8"))
# The C library loads it when a thread ends, without being linked to it.
path = resolve_library_path("libgcc_s.so.1")
loaded = [(path, ".")] if path else []
analysis = Analysis(
    [given["boot"]],
    binaries=[tuple(pair) for pair in given["binaries"]] + loaded,
    hiddenimports=given["imports"],
    excludes=given["excluded"],
)
[base] = [path for name, path, _ in analysis.datas if name == "base_library.zip"]
found = {name for name, _, _ in analysis.pure}
for file in ZipFile(base).namelist():
    found.add(file.removesuffix(".pyc").removesuffix("/__init__").replace("/", "."))
library = [(name, path, "PYMODULE") for name, path in given["modules"] if name not in found]
program = EXE(
    PYZ(analysis.pure, library), analysis.scripts, exclude_binaries=True, name=given["name"],
    contents_directory=given["library"],
)
COLLECT(program, analysis.binaries, analysis.datas, name=given["name"])
"""


def require_pyinstaller() -> None:
    """Check that PyInstaller is installed.

    Raises:
        JobgenError: It is not.
    """
    if find_spec("PyInstaller") is None:
        raise JobgenError(
            "A standalone program is built with PyInstaller, which is not installed.",
            hint="Run `pip install 'jobgen[standalone]'` in the environment that jobgen is in.",
        )


def freeze(folder: Path, name: str, site: Path) -> Path:
    """Return a folder with a program that runs `boot.py`, and Python for it.

    Args:
        folder: An empty folder for it, and for what PyInstaller writes meanwhile.
        name: The program's name.
        site: The folder with the application and its dependencies.

    Raises:
        JobgenError: PyInstaller refuses, for example because this Python has no shared library.
    """
    library = Path(sysconfig.get_path("stdlib"))
    given = {
        "boot": str(_BOOT),
        "name": name,
        "library": LIBRARY,
        "modules": sorted(_modules(library)),
        "imports": [*_HOOKED, *sorted(name for name, _ in _modules(library / "lib-dynload"))],
        "excluded": sorted(_LEFT_OUT | _OTHERS),
        "binaries": sorted(
            (str(file), str(Path("site", file.relative_to(site).parent)))
            for file in site.rglob("*.so")
        ),
    }
    (folder / "input.json").write_text(json.dumps(given), encoding="utf-8")
    spec = folder / "program.spec"
    spec.write_text(_SPEC, encoding="utf-8")
    options = ("--noconfirm", "--log-level", "ERROR", "--distpath", folder / "frozen")
    done = subprocess.run(
        [sys.executable, "-m", "PyInstaller", *options, "--workpath", folder / "work", spec],
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    frozen = folder / "frozen" / name
    if done.returncode != 0 or not frozen.exists():
        lines = done.stdout.strip().splitlines()[-20:] or ["(no output)"]
        raise JobgenError(
            "Python cannot be packed:\n" + "\n".join(f"  {line}" for line in lines),
            hint="PyInstaller needs a Python with a shared library (libpython), and objdump of the "
            "package binutils.",
        )
    if sys.platform == "linux":
        _strip_python(frozen / LIBRARY)
    return frozen


def _strip_python(folder: Path) -> None:
    """Strip the debug symbols from Python's shared library: most of it, in many builds."""
    for library in folder.glob("libpython*.so*"):
        # PyInstaller needs objdump of the same package. Without it, the program is larger.
        if not library.is_symlink() and (strip := shutil.which("strip")):
            subprocess.run([strip, "--strip-unneeded", library], capture_output=True, check=False)


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment in which the same input gives the same bytes."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return variables | {"PYTHONHASHSEED": "1", "PYINSTALLER_CONFIG_DIR": str(folder / "cache")}


def _modules(folder: Path, package: str = "") -> Iterator[tuple[str, str]]:
    """Yield the name and the file of each module of a folder that programs may import."""
    for module in pkgutil.iter_modules([str(folder)]):
        if module.name in _LEFT_OUT | _OTHERS or module.name in {"__main__", "idle_test", "tests"}:
            continue
        if not package and module.name.startswith("_test"):
            continue
        found = module.module_finder.find_spec(module.name, None)
        if found is not None and found.origin is not None:
            yield package + module.name, found.origin
        if module.ispkg:
            yield from _modules(folder / module.name, f"{package}{module.name}.")
