"""The pages of `jobgen ide` in a development session."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from jobgen.dev.console import Console
from jobgen.dev.guard import Guard
from jobgen.dev.placeholder import Placeholder
from jobgen.dev.run import Program
from jobgen.dev.service import Service
from jobgen.dev.startup_errors import StartupErrors
from jobgen.ide.address import IDE_PORT, READY, page_address, project_token
from jobgen.ports import free_socket


class IdePage:
    """Serves the pages for the whole session: they do not depend on the project's code.

    The process is separate, so that a plan in the making does not hold up the session.
    """

    def __init__(self, root: Path, console: Console, guard: Guard) -> None:
        """Listen at a free port of the loopback interface.

        Raises:
            JobgenError: No port is free.
        """
        self._listening = free_socket(IDE_PORT)
        self.address = page_address(self._listening, project_token(root))
        descriptor = self._listening.fileno()
        # Without -P, modules of the project would come before those of jobgen.
        command = [sys.executable, "-P", "-m", "jobgen.ide.serve", str(root), str(descriptor)]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        program = Program("ide", command, root, environment, READY, descriptors=(descriptor,))
        self._service = Service(
            program, console, guard, StartupErrors(), Placeholder(self._listening)
        )

    def start(self) -> None:
        """Start the process; if it dies, it is started again."""
        self._service.start()

    async def stop(self) -> None:
        """End the process."""
        await self._service.stop()
        self._listening.close()

    def kill(self) -> None:
        """Kill the process; `stop` then returns at once."""
        self._service.kill()
