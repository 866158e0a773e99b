"""Measure the generator, from process start to exit, next to Copier and Django in one run.

The result is a Markdown table: medians of interleaved repetitions, and each as a multiple of the
bare interpreter. Goals are ratios within the run, never times.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
JOBS = 500
SCHEMA_LINES = 40_000
# Cache bytecode, as it is cached for every user.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
COPIER_QUESTIONS = "name: {type: str, default: EmailCustomers}\n"
COPIER_FILE = (
    "class {{ name }}:\n    async def perform(self) -> None:\n        print('Hello World!')\n"
)


@dataclass(frozen=True)
class Case:
    """A command to time, in `folder`, or in a new folder that `prepare` fills beforehand."""

    name: str
    command: tuple[str, ...]
    prepare: Callable[[Path], None] = lambda _: None
    environment: dict[str, str] | None = None
    folder: Path | None = None


def run(*command: str, cwd: Path, environment: dict[str, str] | None = None) -> None:
    """Run a command.

    Raises:
        SystemExit: The command failed; the message has its output.
    """
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**ENVIRONMENT, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def new_project(folder: Path) -> Path:
    """Create a project in `folder` and return its root."""
    run(str(BIN / "jobgen"), "new", "shop", cwd=folder)
    return folder / "shop"


def add_jobs(project: Path, count: int) -> None:
    """Write `count` jobs into the project, all in one process so that it takes seconds."""
    script = (
        "import sys\nfrom jobgen.cli.main import cli\n"
        f"for number in range({count}):\n"
        "    cli.main(['job', f'Existing{number}', '--yes'], standalone_mode=False)\n"
    )
    run(sys.executable, "-c", script, cwd=project)


def lengthen_schema(project: Path, lines: int) -> None:
    """Lengthen Schema.sql to `lines` lines of ordinary tables."""
    columns = "".join(f"    column_{number} TEXT,\n" for number in range(18))
    tables = (
        f"CREATE TABLE things_{n} (\n    id BIGINT PRIMARY KEY NOT NULL,\n{columns}"
        "    note TEXT\n);\n"
        for n in range(lines // 22)
    )
    with (project / "Application/Schema.sql").open("a") as schema:
        schema.writelines(tables)
    run(str(BIN / "jobgen"), "types", cwd=project)


def copy_of(project: Path) -> Callable[[Path], None]:
    """Return a preparation that copies `project` into the case's folder."""
    return lambda folder: (
        shutil.copytree(project, folder, dirs_exist_ok=True, symlinks=True) and None
    )


def cases(base: Path) -> list[Case]:
    """Return all cases, with their projects created below `base`."""
    projects = {}
    for name in ("empty", "one", "many", "long"):
        (base / name).mkdir()
        projects[name] = new_project(base / name)
    add_jobs(projects["one"], 1)
    print(f"Writing {JOBS} jobs ...", file=sys.stderr)
    add_jobs(projects["many"], JOBS)
    lengthen_schema(projects["long"], SCHEMA_LINES)
    template = base / "template"
    template.mkdir()
    (template / "copier.yml").write_text(COPIER_QUESTIONS)
    (template / "job.py.jinja").write_text(COPIER_FILE)
    jobgen = str(BIN / "jobgen")
    job = (jobgen, "job", "EmailCustomers", "--yes")
    types = (sys.executable, "-c", "import Generated.Types")
    return [
        Case("python -c pass", (sys.executable, "-c", "pass")),
        Case("jobgen --help", (jobgen, "--help")),
        Case(
            "jobgen completion",
            (jobgen,),
            environment={
                "_JOBGEN_COMPLETE": "bash_complete",
                "COMP_WORDS": "jobgen jo",
                "COMP_CWORD": "1",
            },
        ),
        Case("jobgen job, empty project", job, copy_of(projects["empty"])),
        Case(f"jobgen job, project of {JOBS} jobs", job, copy_of(projects["many"])),
        Case(f"jobgen job, {SCHEMA_LINES:,} lines of Schema.sql", job, copy_of(projects["long"])),
        Case(
            "copier, one file",
            (str(BIN / "copier"), "copy", "--defaults", "--quiet", str(template), "."),
        ),
        Case("django-admin startapp", (str(BIN / "django-admin"), "startapp", "mails")),
        Case("import Types.py, 1 job", types, folder=projects["one"]),
        Case(f"import Types.py, {JOBS} jobs", types, folder=projects["many"]),
    ]


def measure(cases: list[Case], repetitions: int, base: Path) -> dict[str, list[float]]:
    """Return the seconds of each case, interleaved so that other load affects all alike."""
    seconds: dict[str, list[float]] = {case.name: [] for case in cases}
    for repetition in range(repetitions + 1):
        for number, case in enumerate(cases):
            folder = base / f"run-{repetition}-{number}"
            folder.mkdir()
            case.prepare(folder)
            start = time.perf_counter()
            run(*case.command, cwd=case.folder or folder, environment=case.environment)
            if repetition:  # The first round warms the caches.
                seconds[case.name].append(time.perf_counter() - start)
            shutil.rmtree(folder)
        print(f"round {repetition} of {repetitions} done", file=sys.stderr)
    return seconds


def table(medians: dict[str, float], seconds: dict[str, list[float]]) -> str:
    """Return the Markdown table of all cases."""
    bare = medians["python -c pass"]
    rows = [
        "| command | median ms | spread ms | multiple of the bare interpreter |",
        "|---|---:|---:|---:|",
    ]
    for name, median in medians.items():
        spread = f"{min(seconds[name]) * 1000:.0f} to {max(seconds[name]) * 1000:.0f}"
        rows.append(f"| {name} | {median * 1000:.0f} | {spread} | {median / bare:.1f} |")
    return "\n".join(rows)


def goals(medians: dict[str, float]) -> list[tuple[str, float, float]]:
    """Return the goals as (figure, reached, at most)."""
    bare, copier = medians["python -c pass"], medians["copier, one file"]
    empty = medians["jobgen job, empty project"]
    many = medians[f"jobgen job, project of {JOBS} jobs"]
    one_import = medians["import Types.py, 1 job"]
    many_import = medians[f"import Types.py, {JOBS} jobs"]
    return [
        ("jobgen job on an empty project / copier", empty / copier, 0.6),
        ("jobgen --help / python -c pass", medians["jobgen --help"] / bare, 6),
        ("completion / python -c pass", medians["jobgen completion"] / bare, 6),
        (f"job number {JOBS + 1} / the first", many / empty, 2),
        (
            f"import of {JOBS} jobs' records minus that of one, seconds",
            many_import - one_import,
            0.3,
        ),
    ]


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jobgen-bench-") as folder:
        seconds = measure(cases(Path(folder)), options.repetitions, Path(folder))
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    print(table(medians, seconds))
    print("\n| goal | reached | at most | |\n|---|---:|---:|---|")
    for what, reached, most in goals(medians):
        print(f"| {what} | {reached:.2f} | {most} | {'met' if reached <= most else 'missed'} |")
    if options.json:
        options.json.write_text(json.dumps({"seconds": seconds, "medians": medians}, indent=2))


if __name__ == "__main__":
    main()
