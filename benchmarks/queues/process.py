"""Run a process of a Python system: `python -m benchmarks.queues.process NAME ROLE OPTIONS`."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Coroutine
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from benchmarks.queues.client import run_client
from benchmarks.queues.handlers import Style
from benchmarks.queues.system import ClientOptions, WorkerOptions
from benchmarks.queues.systems import system
from benchmarks.queues.systems.python_system import PythonClient, PythonSystem


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine, on uvloop where it is installed, for all systems alike."""
    loop = import_module("uvloop") if find_spec("uvloop") else asyncio
    loop.run(main)


def main() -> None:
    """Run the role that the command line names."""
    name, role, text = sys.argv[1:]
    logging.basicConfig(level=logging.WARNING)
    chosen = system(name)
    options: dict[str, Any] = json.loads(text)
    if role == "worker":
        assert isinstance(chosen, PythonSystem)
        run(chosen.work(WorkerOptions(**options | {"style": Style(options["style"])})))
    else:
        assert isinstance(chosen, PythonClient)
        run(run_client(chosen, ClientOptions(**options)))


if __name__ == "__main__":
    main()
