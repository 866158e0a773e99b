"""A forked process behaves like one that was started from scratch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import forked
from tests.support.fork_client import ForkServer
from tests.support.forked import BIN
from tests.support.waiting import TIMEOUT

SCRIPT = """
import atexit, json, os, signal, sys, threading

class Owner:
    def __del__(self):
        print("deleted", json is not None)

owner = Owner()
atexit.register(print, "at exit")
print(json.dumps([
    __name__, sys.modules["__main__"].__file__, sys.argv, sys.path[0], os.getcwd(), os.getpgrp(),
    dict(os.environ), sys.stdin.read(), sorted(os.listdir("/proc/self/fd")),
    signal.getsignal(signal.SIGINT) is signal.default_int_handler,
    [str(signal.getsignal(number)) for number in signal.valid_signals()],
    sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    sys.stdout.encoding, sys.stdout.line_buffering, sys.stdout.write_through, str(sys.flags),
    threading.current_thread() is threading.main_thread(),
]))
print("an error", file=sys.stderr)
if "--kill" in sys.argv:
    os.kill(os.getpid(), signal.SIGKILL)
sys.exit(7)
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "script"
    path.write_text(SCRIPT)
    return path


@pytest.fixture
def server(script: Path) -> Iterator[ForkServer]:
    made = ForkServer(script, ("json", "threading"), os.environ)
    yield made
    made.close()


@pytest.mark.parametrize(("option", "code"), [("--exit", 7), ("--kill", -signal.SIGKILL)])
def test_forked_process_sees_what_one_started_from_scratch_sees(
    script: Path, server: ForkServer, tmp_path: Path, option: str, code: int
) -> None:
    command, environment = (str(script), option, "two words"), {**os.environ, "MARK": "here"}
    environment.pop("HOME", None)
    expected = subprocess.run(
        (sys.executable, *command),
        cwd=tmp_path,
        env=environment,
        input="typed: é\r\n",
        capture_output=True,
        text=True,
        check=False,
    )
    done = server.run(command, tmp_path, environment, timeout=TIMEOUT, typed="typed: é\r\n")
    assert (done.returncode, done.stdout, done.stderr) == (
        expected.returncode,
        expected.stdout,
        expected.stderr,
    )
    assert done.returncode == code
    assert ("at exit\ndeleted True\n" in done.stdout) == (option == "--exit")


def test_script_of_python_is_forked_with_the_options_of_its_interpreter(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import os, sys, warnings\n"
        "print(os.getppid(), sys.argv, sys.path[0], sys.warnoptions, 'textwrap' in sys.modules)\n"
        "warnings.warn('oh no')\n"
    )
    command = [sys.executable, "-W", "error", "script.py", "-x"]
    done = forked.run(command, tmp_path, os.environ, timeout=TIMEOUT, imports=("textwrap",))
    parent, shown = done.stdout.rstrip().split(" ", 1)
    assert int(parent) != os.getpid()
    assert shown == f"['script.py', '-x'] {tmp_path} ['error'] True"
    assert "UserWarning: oh no" in done.stderr
    assert done.returncode == 1


def test_processes_of_a_server_run_at_the_same_time_and_are_waited_for_one_by_one(
    script: Path, server: ForkServer, tmp_path: Path
) -> None:
    script.write_text("import sys, time\nprint('runs', flush=True)\ntime.sleep(600)")
    processes = [server.start((str(script),), tmp_path, os.environ) for _ in range(2)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "runs\n"
        assert process.poll() is None
    processes[1].terminate()
    assert processes[1].wait(TIMEOUT) == -signal.SIGTERM
    assert processes[0].poll() is None
    processes[0].kill()
    assert processes[0].wait(TIMEOUT) == -signal.SIGKILL
    for process in processes:
        assert process.stdout is not None
        process.stdout.close()


def test_timeout_kills_the_process(script: Path, server: ForkServer, tmp_path: Path) -> None:
    script.write_text("import time\ntime.sleep(600)")
    with pytest.raises(subprocess.TimeoutExpired):
        server.run((str(script),), tmp_path, os.environ, timeout=0.1)


def test_command_is_forked_unless_its_environment_needs_a_full_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command, environment = str(BIN / "run-jobs"), dict(os.environ)
    server = forked._server_for(command, environment)
    assert server is not None
    assert forked._server_for(command, {**environment, "HOME": "/"}) is server
    assert forked._server_for(command, {**environment, "PYTHONPATH": "/x"}) is None
    assert forked._server_for(command, {**environment, "LD_PRELOAD": "/x"}) is None
    assert forked._server_for(str(BIN / "python"), environment) is None
    assert forked._server_for("/usr/bin/run-jobs", environment) is None
    monkeypatch.setenv("JOBGEN_TEST_FULL_STARTS", "1")
    assert forked._server_for(command, environment) is None
