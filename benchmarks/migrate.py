"""Measure `jobgen migrate` as a whole process, next to psql and to an earlier version in one run.

Goals are ratios and differences within the run. With `--before FOLDER`, the folder of a checkout of
an earlier version, its `migrate --check` is the measure for 20 tables.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from jobgen.postgres import temporary_server
from jobgen.postgres.account import server_account
from jobgen.postgres.embedded import embedded_binaries

SMALL, LARGE = 20, 500
JOBGEN = (sys.executable, "-c", "from jobgen.cli.main import main; main()")


@dataclass(frozen=True)
class Case:
    """A command to time in a project, on a database that `prepare` returns the address of."""

    name: str
    command: tuple[str, ...]
    folder: Path
    prepare: Callable[[], str]
    environment: dict[str, str] = field(default_factory=dict)


def schema_of(tables: int) -> str:
    """Return a Schema.sql with ordinary tables that refer to one another."""
    return "".join(
        f"CREATE TABLE things_{n} (\n"
        "    id UUID DEFAULT uuidv7() PRIMARY KEY NOT NULL,\n"
        "    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL,\n"
        "    name VARCHAR(80) NOT NULL CHECK (name IN ('a', 'b', 'c')),\n"
        "    price NUMERIC(10, 2) DEFAULT 0 NOT NULL,\n"
        "    tags TEXT[] DEFAULT '{}' NOT NULL,\n"
        f"    other_id UUID REFERENCES things_{max(n - 1, 0)} ON DELETE CASCADE\n"
        ");\n"
        f"CREATE INDEX things_{n}_name ON things_{n} (name) WHERE price > 0;\n"
        for n in range(tables)
    )


def project_of(folder: Path, tables: int) -> Path:
    """Create a project whose Schema.sql has that number of tables."""
    (folder / "Application").mkdir(parents=True)
    (folder / "pyproject.toml").write_text("[tool.jobgen]\n")
    (folder / "Application/Schema.sql").write_text(schema_of(tables))
    return folder


def run(case: Case, url: str) -> None:
    """Run a case.

    Raises:
        SystemExit: The command failed; the message has its output.
    """
    command = [url if word == "URL" else word for word in case.command]
    done = subprocess.run(
        command,
        cwd=case.folder,
        env={**os.environ, "DATABASE_URL": url, **case.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{case.name} failed:\n{done.stdout}{done.stderr}")


def cases(base: Path, server: str, before: Path | None) -> list[Case]:
    """Return all cases."""
    small, large = project_of(base / "small", SMALL), project_of(base / "large", LARGE)

    def empty() -> str:
        name = f"bench_{uuid.uuid4().hex}"
        with psycopg.connect(server, autocommit=True) as conn:
            conn.execute(f"CREATE DATABASE {name}".encode())
        return make_conninfo(server, dbname=name)

    def migrated(folder: Path) -> Callable[[], str]:
        url = empty()
        run(Case("the preparation", (*JOBGEN, "migrate", "--yes"), folder, empty), url)
        return lambda: url

    check = (*JOBGEN, "migrate", "--check")
    psql = str(embedded_binaries(server_account()).program("psql"))
    of_small = migrated(small)
    found = [
        Case(f"migrate --check, {SMALL} tables", check, small, of_small),
        Case(f"migrate --check, {LARGE} tables", check, large, migrated(large)),
        Case(f"first migrate, {LARGE} tables", (*JOBGEN, "migrate", "--yes"), large, empty),
        Case(
            f"psql -f, {LARGE} tables",
            (psql, "-qX", "-v", "ON_ERROR_STOP=1", "-d", "URL", "-f", "Application/Schema.sql"),
            large,
            empty,
        ),
    ]
    if before is not None:
        path = os.pathsep.join((str(before), str(before / "runtime/src")))
        found.append(Case(f"{SMALL} tables, before", check, small, of_small, {"PYTHONPATH": path}))
    return found


def measure(cases: list[Case], repetitions: int) -> dict[str, list[float]]:
    """Return the seconds of each case, interleaved so that other load affects all alike."""
    seconds: dict[str, list[float]] = {case.name: [] for case in cases}
    for repetition in range(repetitions + 1):
        for case in cases:
            url = case.prepare()
            start = time.perf_counter()
            run(case, url)
            if repetition:  # The first round warms the caches.
                seconds[case.name].append(time.perf_counter() - start)
        print(f"round {repetition} of {repetitions} done", file=sys.stderr)
    return seconds


def goals(medians: dict[str, float]) -> list[tuple[str, float, float]]:
    """Return the goals as (figure, reached, at most)."""
    large = medians[f"migrate --check, {LARGE} tables"]
    first = medians[f"first migrate, {LARGE} tables"] - medians[f"psql -f, {LARGE} tables"]
    found: list[tuple[str, float, float]] = [
        (f"migrate --check of {LARGE} tables, seconds", large, 5),
        (f"first migrate of {LARGE} tables minus psql -f, seconds", first, 1),
    ]
    if before := medians.get(f"{SMALL} tables, before"):
        small = medians[f"migrate --check, {SMALL} tables"]
        found.append((f"migrate --check of {SMALL} tables / before", small / before, 1.5))
    return found


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--before", type=Path, help="a checkout of an earlier version")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jobgen-bench-") as folder, temporary_server() as url:
        before = options.before.resolve() if options.before else None
        seconds = measure(cases(Path(folder), url, before), options.repetitions)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    print("| command | median s | spread s |\n|---|---:|---:|")
    for name, median in medians.items():
        print(f"| {name} | {median:.2f} | {min(seconds[name]):.2f} to {max(seconds[name]):.2f} |")
    print("\n| goal | reached | at most | |\n|---|---:|---:|---|")
    for what, reached, most in goals(medians):
        print(f"| {what} | {reached:.2f} | {most} | {'met' if reached <= most else 'missed'} |")
    if options.json:
        options.json.write_text(json.dumps({"seconds": seconds, "medians": medians}, indent=2))


if __name__ == "__main__":
    main()
