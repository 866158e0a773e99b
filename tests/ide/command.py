"""`jobgen ide` as a process, which can be started again at the same port."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path
from types import TracebackType

from tests.support.process import BIN, Process


class IdeCommand:
    """A running `jobgen ide`.

    Attributes:
        root: The project's root.
        address: The address with the token.
        url: The address without it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.address = ""
        self.url = ""
        self._process: Process | None = None

    def __enter__(self) -> IdeCommand:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.close()

    def start(self) -> None:
        """Start it; after `stop` at the same port."""
        port = re.findall(r":(\d+)$", self.url)
        command = [str(BIN / "jobgen"), "ide", *(["--port", *port] if port else [])]
        self._process = Process(command, self.root, dict(os.environ))
        line = self._process.wait_for_line("Open http://127.0.0.1:")
        [self.address] = re.findall(r"http\S+", line)
        self.url = self.address.partition("/?")[0]

    def stop(self) -> None:
        """End it with Ctrl-C, which must work at once and without a traceback."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        assert "Traceback" not in self._process.wait_for_exit(0)
        self._process.close()
        self._process = None
