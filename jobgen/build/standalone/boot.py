"""The start of a standalone program: run the program, or stand in for the interpreter.

The program's folder has a script `python`, which runs the program as the interpreter of the
processes that it starts. PyInstaller freezes this file, which imports the standard library alone.
"""

from __future__ import annotations

import os
import runpy
import site
import sys
from importlib import import_module
from pathlib import Path

_AS_PYTHON = "--as-python"
"""The first argument of the program when `python.sh` has started it."""
_OPTIONS_WITH_VALUE = frozenset({"-W", "-X"})


def main() -> None:
    """Run what the command line asks for."""
    library: str = sys._MEIPASS  # type: ignore[attr-defined]  # noqa: SLF001 -- PyInstaller's
    _restore_library_path(library)
    # PyInstaller turns it off. Without compiled modules, each start would compile them again.
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    # Appended, as site-packages is: nothing in it hides the standard library.
    site.addsitedir(f"{library}/site")
    sys.executable = str(Path(sys.executable).with_name("python"))
    if os.environ.get("PYTHONUNBUFFERED"):
        sys.stdout.reconfigure(write_through=True)  # type: ignore[union-attr]
    if sys.argv[1:2] == [_AS_PYTHON]:
        _interpret(sys.argv[2:])
    else:
        import_module("jobgen_runtime.cli.built_program").main()


def _restore_library_path(library: str) -> None:
    """Leave the variable that finds the program's own libraries to no other program.

    See https://pyinstaller.org/en/stable/runtime-information.html.
    """
    folders = os.environ.pop("LD_LIBRARY_PATH_ORIG", "").split(os.pathsep)
    own = os.path.realpath(library)
    others = [each for each in folders if each and os.path.realpath(each) != own]
    os.environ.pop("LD_LIBRARY_PATH", None)
    if others:
        os.environ["LD_LIBRARY_PATH"] = os.pathsep.join(others)


def _interpret(words: list[str]) -> None:
    """Do what Python does with these arguments; options that only tune it are ignored."""
    current_folder = [""]
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option == "-c":
            code = words.pop(0)
            sys.argv[:] = ["-c", *words]
            sys.path[:0] = current_folder
            exec(compile(code, "<string>", "exec"), sys.modules["__main__"].__dict__)  # noqa: S102
            return
        if option == "-m":
            sys.argv[:] = words
            sys.path[:0] = current_folder
            runpy.run_module(words[0], run_name="__main__", alter_sys=True)
            return
        if option == "--multiprocessing-fork":
            import_module("multiprocessing").freeze_support()
            return
        if option in _OPTIONS_WITH_VALUE:
            words.pop(0)
        elif not option.startswith("--") and {"I", "P"} & set(option):
            current_folder = []
    if words:
        sys.argv[:] = words
        runpy.run_path(words[0], run_name="__main__")


if __name__ == "__main__":
    main()
