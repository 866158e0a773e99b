"""The benchmark of job queues measures what it reports, and reports what it could not measure."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from benchmarks.queues import machine, starts
from benchmarks.queues.goals import GOALS, Goal
from benchmarks.queues.machine import cpu_seconds
from benchmarks.queues.results import Results
from benchmarks.queues.server import Server, server
from benchmarks.queues.starts import FOLDER, SLOTS, Starts, start_log
from benchmarks.queues.system import WorkerOptions
from benchmarks.queues.systems import system
from benchmarks.queues.systems.bare import Bare
from benchmarks.queues.workers import Failure
from benchmarks.queues.workload import Bench, Scale
from benchmarks.queues.workloads import WORKLOADS
from benchmarks.queues.workloads.drain import RATE, Drain
from tests.support.waiting import wait_for

pytestmark = pytest.mark.xdist_group("queue_benchmark")

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.queues", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    with server() as own:
        yield own


@pytest.fixture
def bench(own_server: Server) -> Iterator[Bench]:
    yield Bench(own_server, Scale(jobs=500, rows=1_000, seconds=5))
    own_server.drop_templates()


def test_benchmark_drains_and_reports_jobgen_and_the_bare_loop(tmp_path: Path) -> None:
    # On a busy machine, a thousand jobs may all have started before the first reading.
    done = run(
        "--quick",
        "--jobs=30000",
        "--systems=bare,jobgen",
        "--workloads=drain",
        f"--output={tmp_path}",
    )
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "queues.json").read_text())
    for name in ("bare", "jobgen"):
        figures = report["workloads"]["drain"]["systems"][name]["figures"]
        assert figures["rate"]["median"] > 0
        assert figures["wal"]["median"] > 0
    assert report["server"]["fsync"] == report["server"]["synchronous_commit"] == "on"
    verdicts = {goal["what"]: goal["verdict"] for goal in report["goals"]}
    assert verdicts["drain, share of the bare loop"] in {"met", "missed"}
    assert verdicts["drain, multiple of PgQueuer"] == "not measured"
    assert done.stdout.strip() == (tmp_path / "queues.md").read_text().strip()
    assert "| drain, share of the bare loop | at least 0.6 |" in done.stdout
    assert "other processes used" in done.stdout
    assert "too little to compare" in done.stdout
    assert "drain (1 of 1), 1 of 1" in done.stderr
    assert "  jobgen: " in done.stderr


def test_sigterm_ends_the_benchmark_with_its_workers_and_server(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.queues", "--quick", "--systems=bare"]
    command += ["--workloads=idle", f"--output={tmp_path}"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as benchmark:
        try:
            wait_for(lambda: _worker_of(benchmark.pid) or benchmark.poll(), "a worker starts")
            worker, family = _worker_of(benchmark.pid), set(machine._family([benchmark.pid]))
        finally:
            benchmark.terminate()
        assert benchmark.wait() == 143
    assert worker in family
    # Processes of the server may outlive their parent shortly.
    wait_for(lambda: not machine._family(family), "all processes end")


def _worker_of(pid: int) -> int | None:
    for process in machine._family([pid]):
        with contextlib.suppress(OSError):
            if b"benchmarks.queues.process" in Path(f"/proc/{process}/cmdline").read_bytes():
                return process
    return None


@pytest.mark.parametrize("option", ["--systems", "--workloads"])
def test_unknown_name_is_refused_and_known_names_are_listed(option: str) -> None:
    done = run(option, "drain,nothing")
    assert done.returncode == 2
    assert "unknown:" in done.stderr
    assert "nothing" in done.stderr
    assert "pickup" in done.stderr or "procrastinate" in done.stderr


def test_missing_system_names_the_distribution_that_is_not_installed() -> None:
    absent = Bare()
    absent.distribution = "no-such-distribution"
    assert absent.missing() == "no-such-distribution is not installed"
    assert Bare().missing() is None


def test_drain_reports_rate_wal_cpu_and_memory(bench: Bench) -> None:
    drain = Drain("drain", "", (RATE,), jobs=20_000)
    figures = drain.measure(bench, system("bare"))
    assert figures["rate"] > 1_000
    assert figures["wal"] > 200
    assert figures["server_cpu"] > 0
    assert figures["memory"] > 10
    assert 0 <= figures["others"] <= 100


def test_dead_worker_is_a_failure_that_shows_the_end_of_its_log(bench: Bench) -> None:
    class Dying(Bare):
        def worker_commands(self, options: WorkerOptions) -> list[list[str]]:  # noqa: ARG002 -- the base's
            return [["/bin/sh", "-c", "echo no such table >&2; exit 3"]]

    with pytest.raises(Failure, match=r"(?s)The worker of bare ended \(3\).*no such table"):
        Drain("drain", "", (RATE,)).measure(bench, Dying())


def test_job_that_runs_twice_is_a_failure(bench: Bench) -> None:
    class Repeating(Bare):
        def fill(self, conn: psycopg.Connection[tuple[Any, ...]], jobs: int) -> None:
            super().fill(conn, jobs)
            conn.execute("INSERT INTO noop_jobs (number) VALUES (0), (1)")

    with pytest.raises(Failure, match="bare ran 2 jobs twice"):
        Drain("drain", "", (RATE,)).measure(bench, Repeating())


def test_databases_of_the_same_template_do_not_share_rows(own_server: Server) -> None:
    prepared: list[str] = []

    def prepare(url: str) -> None:
        prepared.append(url)
        with psycopg.connect(url) as conn:
            conn.execute("CREATE TABLE things AS SELECT 1 AS thing")

    for _ in range(2):
        with own_server.database("things", prepare) as url, psycopg.connect(url) as conn:
            rows = conn.execute(
                "INSERT INTO things VALUES (2) RETURNING (SELECT count(*) FROM things)"
            )
            assert rows.fetchone() == (1,)
    assert len(prepared) == 1
    own_server.drop_templates()


def test_bare_loop_uses_the_same_table_as_jobgen(own_server: Server) -> None:
    def columns_and_indexes(name: str) -> tuple[list[Any], list[Any]]:
        chosen = system(name)
        with (
            own_server.database(f"{name} alone", lambda url: chosen.install(url, 1)) as url,
            psycopg.connect(url) as conn,
        ):
            columns = conn.execute(
                "SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute"
                " WHERE attrelid = 'noop_jobs'::regclass AND attnum > 0 ORDER BY attnum"
            )
            indexes = conn.execute(
                "SELECT indexdef FROM pg_indexes WHERE tablename = 'noop_jobs' ORDER BY indexname"
            )
            return columns.fetchall(), indexes.fetchall()

    assert columns_and_indexes("bare") == columns_and_indexes("jobgen")


def _start(numbers: list[int]) -> None:
    for number in numbers:
        start_log().add_from_thread(number)


def test_starts_are_collected_from_all_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setenv(SLOTS, "10")
    context = multiprocessing.get_context("spawn")
    gathered = Starts(tmp_path, 10)
    for numbers in ([0, 1, 2], [2, 9]):
        process = context.Process(target=_start, args=(numbers,))
        process.start()
        process.join()
        assert process.exitcode == 0
    assert gathered.processes() == 2
    assert gathered.count() == 5
    assert gathered.repeated() == 1
    assert sorted(gathered.times()) == [0, 1, 2, 9]


def _start_at_once(threads: int) -> None:
    """Repeat twenty times, because a race does not always show."""
    sys.setswitchinterval(1e-6)
    barrier = threading.Barrier(threads)
    log = Starts(Path(os.environ[FOLDER]), threads)

    def start(number: int) -> None:
        barrier.wait()
        start_log().add_from_thread(number)

    with ThreadPoolExecutor(threads) as pool:
        for _ in range(20):
            starts._forget()
            for started in [pool.submit(start, number) for number in range(threads)]:
                started.result()
            assert sorted(log.times()) == list(range(threads))


def test_first_starts_of_a_process_may_come_from_many_threads_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setenv(SLOTS, "64")
    process = multiprocessing.get_context("spawn").Process(target=_start_at_once, args=(64,))
    process.start()
    process.join()
    assert process.exitcode == 0


def test_cpu_time_of_a_process_includes_its_children() -> None:
    burn = "import time; end = time.process_time() + 0.3\nwhile time.process_time() < end: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}]); input()"
    with subprocess.Popen(
        [sys.executable, "-c", f"{parent}\n"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as process:
        try:
            wait_for(lambda: cpu_seconds([process.pid]) >= 0.3, "CPU time of the child")
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("least", "strict", "reached", "verdict"),
    [
        (True, False, 2.0, "met"),
        (True, True, 2.0, "missed"),
        (True, False, 1.9, "missed"),
        (False, False, 2.0, "met"),
        (False, True, 2.0, "missed"),
        (False, False, 2.1, "missed"),
        (True, False, None, "not measured"),
    ],
)
def test_goal_is_met_at_its_bound_unless_it_is_strict(
    least: bool, strict: bool, reached: float | None, verdict: str
) -> None:
    goal = Goal("any figure", 2.0, lambda _: reached, least=least, strict=strict)
    assert goal.verdict(goal.reach(Results())) == verdict


def test_ratio_compares_values_of_the_same_repetition() -> None:
    results = Results()
    for ours, theirs in ((10.0, 20.0), (100.0, 100.0), (30.0, 50.0)):
        results.cell("drain", "jobgen").add({RATE.key: ours})
        results.cell("drain", "bare").add({RATE.key: theirs})
    [goal] = [goal for goal in GOALS if goal.name == "drain, share of the bare loop"]
    assert goal.reach(results) == 0.6
    assert goal.verdict(goal.reach(results)) == "met"
    results.cell("drain", "bare").add("failed: once")
    results.cell("drain", "jobgen").add({RATE.key: 30.0})
    assert goal.reach(results) == 0.6


def test_every_goal_reads_a_figure_of_its_workload() -> None:
    """A goal whose workload or figure was renamed would otherwise never be measured again."""

    class Everything(Results):
        def __init__(self) -> None:
            super().__init__()
            self.asked: list[tuple[str, str]] = []

        def values(self, workload: str, system: str, key: str) -> list[float]:  # noqa: ARG002 -- the base's
            self.asked.append((workload, key))
            return [1.0]

    everything = Everything()
    for goal in GOALS:
        assert goal.reach(everything) is not None
    for workload, key in everything.asked:
        assert key in {figure.key for figure in WORKLOADS[workload].figures}
