"""How long `jobgen dev` takes from a saved `perform` to the new code running a job.

Run it with `make bench-dev`; `ARGS="--saves 20"` sets the number of saves.

The goal is 1.5 s on two cores. An application with one job is generated, `jobgen dev` runs with the
project's own server, and each round saves the job's module with another number, and inserts jobs
until one of them has run the new code.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

_BIN = Path(sys.executable).parent
_GOAL_SECONDS = 1.5
_TIMEOUT_SECONDS = 60.0
_INSERT_SECONDS = 0.02
_MODULE = """\
from pathlib import Path

from jobgen_runtime import Job

from Generated.Types import GreetJob


class Greet(Job[GreetJob]):
    async def perform(self, job: GreetJob) -> None:
        Path("version").write_text("{number}")
"""


def main() -> int:
    """Print the durations; return 1 if their median misses the goal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--saves", type=int, default=10, help="number of saves (default: 10)")
    saves = parser.parse_args().saves
    with tempfile.TemporaryDirectory(prefix="jobgen-bench-") as folder:
        durations = measure(_application(Path(folder)), saves)
    median = statistics.median(durations)
    print(f"saves:   {saves}")
    print(f"median:  {median:.2f} s (goal: at most {_GOAL_SECONDS} s)")
    print(f"range:   {min(durations):.2f} to {max(durations):.2f} s")
    return int(median > _GOAL_SECONDS)


def measure(root: Path, saves: int) -> list[float]:
    """Return the seconds from each save to the first job that ran the saved code."""
    environment = {**os.environ, "PATH": f"{_BIN}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("DATABASE_URL", None)
    command = [str(_BIN / "jobgen"), "dev", "--port", "8765"]
    with (root / "log").open("w") as log:
        dev = subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log)
        try:
            _wait(lambda: "ready: Greet" in (root / "log").read_text(), root)
            url = (root / ".jobgen/database_url").read_text().strip()
            with psycopg.connect(url, autocommit=True) as conn:
                return [_measure_save(root, conn, number) for number in range(1, saves + 1)]
        finally:
            dev.send_signal(signal.SIGINT)
            dev.wait()


def _measure_save(root: Path, conn: psycopg.Connection[tuple[object, ...]], number: int) -> float:
    saved = time.monotonic()
    (root / "Web/Job/Greet.py").write_text(_MODULE.format(number=number))

    def has_run() -> bool:
        conn.execute("INSERT INTO greet_jobs DEFAULT VALUES")
        time.sleep(_INSERT_SECONDS)
        version = root / "version"
        return version.exists() and version.read_text() == str(number)

    _wait(has_run, root)
    return time.monotonic() - saved


def _wait(condition: Callable[[], bool], root: Path) -> None:
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"not within {_TIMEOUT_SECONDS:g} s:\n{(root / 'log').read_text()}")
        time.sleep(0.01)


def _application(folder: Path) -> Path:
    runtime = str(Path(__file__).parents[1] / "runtime")
    run = [str(_BIN / "jobgen")]
    new = [*run, "new", "shop", "--runtime", runtime]
    subprocess.run(new, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    root = folder / "shop"
    subprocess.run([*run, "job", "Greet"], cwd=root, check=True, stdout=subprocess.DEVNULL)
    return root


if __name__ == "__main__":
    sys.exit(main())
