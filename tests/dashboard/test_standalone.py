"""`jobs-dashboard`: closed to others than this machine unless it is told otherwise."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys

import httpx
import pytest
from jobgen_runtime.dashboard.standalone import main

from tests.dashboard.sites import Database

COMMAND = [sys.executable, "-c", "from jobgen_runtime.dashboard.standalone import main; main()"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Set JOBS_USER and JOBS_PASSWORD"),
        (["--host", "0.0.0.0"], "Set JOBS_USER and JOBS_PASSWORD"),  # noqa: S104 -- refused
        (["--host", "0.0.0.0", "--no-auth"], "Anybody who reaches 0.0.0.0"),  # noqa: S104 -- refused
        (["--host", "192.0.2.1", "--no-auth", "--read-only"], "Anybody who reaches 192.0.2.1"),
        (["--host", "::", "--no-auth"], "Anybody who reaches ::"),
        (["--host", "", "--no-auth"], "Anybody who reaches this machine"),
        (["--no-auth", "--allowed-host", "http://x"], "is not a host"),
        (["--no-auth", "--port", "99999"], "A port is a number from 0 to 65535"),
    ],
)
def test_dashboard_that_anybody_or_nobody_could_use_is_refused(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.delenv("JOBS_USER", raising=False)
    monkeypatch.setenv("JOBS_PASSWORD", "")
    with pytest.raises(SystemExit) as exited:
        main(arguments)
    assert exited.value.code == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "arguments", "words"),
    [
        (None, [], "DATABASE_URL is not set"),
        ("postgre://shop:hunter2@db/shop", [], "The database's address is invalid"),
        ("dbname=x", ["--host", "192.0.2.1", "--allowed-host", "*"], "Cannot listen on 192.0.2.1"),
        ("dbname=x", ["--host", "nowhere.invalid", "--allowed-host", "*"], "Cannot listen on"),
    ],
)
def test_failure_to_start_is_one_message(
    *,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: object,
    url: str | None,
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    if url is not None:
        monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(SystemExit) as exited:
        main(["--no-auth", *arguments])
    assert exited.value.code == 1
    printed = capsys.readouterr().err
    assert printed.startswith("jobs-dashboard: ")
    assert words in printed
    assert "hunter2" not in printed


def test_dashboard_serves_the_database_until_it_is_ended(shop: Database) -> None:
    shop.job_table("email_customers_jobs")
    job = shop.insert("email_customers_jobs")
    environment = {
        **os.environ,
        "DATABASE_URL": shop.conninfo,
        "JOBS_USER": "jobs",
        "JOBS_PASSWORD": "secret",
    }
    with subprocess.Popen(
        [*COMMAND, "--port", "0", "--read-only"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("The dashboard is at http://127.0.0.1:")
            address = line.split()[-1]
            assert httpx.get(address).status_code == 401
            assert httpx.get(address, auth=("jobs", "wrong")).status_code == 401
            answer = httpx.get(address, auth=("jobs", "secret"))
            assert answer.status_code == 200
            assert job in answer.text
            assert "CreateJob" not in answer.text
        finally:
            process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=120)
    time = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}"
    line = f"{time} WARNING a login to the dashboard failed, client 127.0.0.1\n"
    assert re.fullmatch(line, errors)
