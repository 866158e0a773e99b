"""A new application in both layouts, from its creation to a finished job, and back."""

from __future__ import annotations

import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import httpx
import psycopg
import pytest

from tests.new.projects import Run, tree

CUSTOMERS = "\nCREATE TABLE customers (id UUID DEFAULT uuidv7() PRIMARY KEY, name TEXT NOT NULL);\n"


@dataclass(frozen=True)
class Names:
    """The paths of the job's files in a layout."""

    schema: str
    job: str
    script: str
    program: str
    main: str
    web: str


NAMES = {
    "guide": Names(
        schema="Application/Schema.sql",
        job="Web/Job/EmailCustomers.py",
        script="Application/Script/RunEmailCustomersJob.py",
        program="build/bin/Script/RunEmailCustomersJob",
        main="WorkerMain",
        web="Web.FrontController",
    ),
    "pep8": Names(
        schema="schema.sql",
        job="shop/jobs/email_customers.py",
        script="shop/scripts/run_email_customers_job.py",
        program="build/bin/Script/run_email_customers_job",
        main="worker_main",
        web="shop.web",
    ),
}


@pytest.fixture
def names(layout: str) -> Names:
    return NAMES[layout]


@pytest.fixture
def generated(shop: Path, run: Run, names: Names) -> Path:
    """The shop with a table of customers, two jobs and a script."""
    with (shop / names.schema).open("a") as schema:
        schema.write(CUSTOMERS)
    run(shop, "jobgen", "job", "EmailCustomers", "customer:references?", "note:text?")
    run(shop, "jobgen", "job", "CleanUp")
    run(shop, "jobgen", "script", "RunEmailCustomersJob")
    run(shop, "jobgen", "types", "--check")
    return shop


def test_destroy_and_undo_restore_the_application(shop: Path, run: Run, names: Names) -> None:
    new = tree(shop)
    run(shop, "jobgen", "job", "EmailCustomers")
    with_job = tree(shop)
    run(shop, "jobgen", "job", "EmailCustomers")
    assert tree(shop) == with_job
    run(shop, "jobgen", "script", "RunEmailCustomersJob")
    assert names.job in with_job
    with_script = tree(shop)

    run(shop, "jobgen", "destroy", "script", "RunEmailCustomersJob")
    assert tree(shop) == with_job
    run(shop, "jobgen", "destroy", "job", "EmailCustomers")
    assert tree(shop) == new
    run(shop, "jobgen", "types", "--check")

    run(shop, "jobgen", "undo")
    assert tree(shop) == with_job
    run(shop, "jobgen", "undo")
    assert tree(shop) == with_script
    run(shop, "jobgen", "undo")
    run(shop, "jobgen", "undo")
    assert tree(shop) == new


def test_main_module_lists_the_jobs_of_several_applications(
    generated: Path, run: Run, names: Names, layout: str
) -> None:
    admin = "Admin" if layout == "guide" else "admin"
    run(generated, "jobgen", "job", "Audit", "--app", admin)
    run(generated, "jobgen", "types", "--check")
    program = f"import {names.main}; print([w.__name__ for w in {names.main}.workers])"
    shown = run(generated, sys.executable, "-c", program).stdout
    assert shown.strip() == "['EmailCustomers', 'CleanUp', 'Audit']"
    run(generated, "ruff", "check", "--select", "E4,E7,E9,F,I", "--no-cache", ".")


@pytest.mark.xdist_group("mypy")
def test_generated_application_passes_ruff_mypy_and_pyright(
    generated: Path, run: Run, mypy_cache: str
) -> None:
    run(generated, "ruff", "check", "--select", "E4,E7,E9,F,I", "--no-cache", ".")
    run(generated, "mypy", "--strict", "--cache-dir", mypy_cache, ".")
    (generated / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    run(generated, "pyright", "--pythonpath", sys.executable)


def test_make_builds_programs_with_jobgen(generated: Path, run: Run, names: Names) -> None:
    (generated / ".venv").symlink_to(sys.prefix)
    made = run(generated, "make", "--dry-run", "build/bin/RunJobs", names.program).stdout
    assert made.splitlines() == [
        'exec ".venv/bin/jobgen" build run-jobs',
        f'exec ".venv/bin/jobgen" build script "{PurePosixPath(names.program).name}"',
    ]


def test_script_runs_as_a_program(generated: Path, run: Run, names: Names, database: str) -> None:
    run(generated, "jobgen", "migrate", "--yes", env={"DATABASE_URL": database})
    run(generated.parent, str(generated / names.script), env={"DATABASE_URL": database})
    with psycopg.connect(database) as conn:
        row = conn.execute("SELECT count(*) FROM email_customers_jobs").fetchone()
        assert row == (1,)


def test_dashboard_is_served_by_uvicorn(
    generated: Path, run: Run, names: Names, database: str, tmp_path: Path
) -> None:
    run(generated, "jobgen", "migrate", "--yes", env={"DATABASE_URL": database})
    address = tmp_path / "web.sock"
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", f"{names.web}:app", "--uds", str(address)],
        cwd=generated,
        env={"DATABASE_URL": database, "JOBS_USER": "jobs", "JOBS_PASSWORD": "secret"},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stderr is not None
        assert any("Uvicorn running" in line for line in server.stderr)
        transport = httpx.HTTPTransport(uds=str(address))
        with httpx.Client(transport=transport, base_url="http://shop.test") as client:
            assert client.get("/jobs/ListJobs").status_code == 401
            page = client.get("/jobs", auth=("jobs", "secret"), follow_redirects=True)
        assert page.status_code == 200
        assert "email_customers_jobs" in page.text
    finally:
        server.terminate()
        server.communicate(timeout=60)


def test_make_lists_its_targets_and_refuses_a_program_without_a_script(
    generated: Path, run: Run
) -> None:
    (generated / ".venv").symlink_to(sys.prefix)
    assert "  make build/bin/Script/NAME    write a program" in run(generated, "make").stdout
    done = run(generated, "make", "build/bin/Script/Nothing", code=2)
    assert "Nothing" in done.stderr
    assert not (generated / "build").exists()


def test_make_dashboard_names_a_port_that_is_taken(shop: Path, run: Run) -> None:
    (shop / ".venv").symlink_to(sys.prefix)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run(shop, "make", "dashboard", f"PORT={port}", code=2)
    assert done.stderr.startswith(f"Port {port} is taken. Stop what listens on it, or choose")
    assert "Traceback" not in done.stderr
