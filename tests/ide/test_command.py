"""`jobgen ide` on the command line: where it starts, at which port, and how it ends."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import httpx

from tests.support.process import BIN, Process
from tests.support.tree import SHOP, write_tree

JOBGEN = str(BIN / "jobgen")


def test_command_without_a_project_says_how_to_make_one(tmp_path: Path) -> None:
    process = Process([JOBGEN, "ide"], tmp_path, dict(os.environ))
    output = process.wait_for_exit(1)
    process.close()
    assert "No project here" in output
    assert "jobgen new NAME" in output


def test_command_starts_in_any_folder_steps_over_a_taken_port_and_ends_with_ctrl_c(
    tmp_path: Path,
) -> None:
    root = write_tree(tmp_path / "my shop", SHOP)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [JOBGEN, "ide", "--port", str(port)]
        process = Process(command, root / "Web", dict(os.environ))
        address = httpx.URL(process.wait_for_line("Open http://127.0.0.1:").removeprefix("Open "))
        assert address.port != port
        with httpx.Client(follow_redirects=True) as browser:
            browser.get(address)
            assert "my shop" in browser.get(address.join("/")).text
        process.send_signal(signal.SIGINT)
        assert "Traceback" not in process.wait_for_exit(0)
        process.close()
