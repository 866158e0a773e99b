"""`jobgen dev` follows saved files, and ends everything that it started."""

from __future__ import annotations

import os
import re
import signal
import socket
import tempfile
from pathlib import Path

import httpx
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from jobgen.apply import last_receipt
from jobgen.postgres import Server
from tests.dev.session import Session
from tests.support.waiting import wait_for

MODULE = "Web/Job/Greet.py"
SCHEMA = "Application/Schema.sql"


def test_session_serves_and_runs_jobs_and_ctrl_c_ends_all_of_it(session: Session) -> None:
    dev = session.start(folder="Web/Job", ide=True)
    [page] = re.findall(r"http\S+", dev.wait_for_line("IDE page: http://127.0.0.1:"))
    [url] = re.findall(r"http\S+", dev.wait_for_line("web application: http://127.0.0.1:"))
    dev.wait_for_line("ready: Greet")
    session.insert("Anna")
    dev.wait_for_line("first Anna")
    assert httpx.get(f"{url}/jobs/").status_code == 401
    with httpx.Client(follow_redirects=True) as browser:
        browser.get(page)
        assert "Background job" in browser.get(httpx.URL(page).join("/")).text
    assert (session.root / ".jobgen/dev.json").stat().st_mode & 0o777 == 0o600
    again = session.start()
    output = again.wait_for_exit(1)
    assert "runs already in this project" in output
    assert url in output
    assert page in output
    dev.send_signal(signal.SIGINT)
    assert "Traceback" not in dev.wait_for_exit(0)
    session.wait_until_gone()


def test_saved_code_runs_and_an_error_in_it_is_waited_out(session: Session) -> None:
    dev = session.start("--no-web")
    dev.wait_for_line("ready: Greet")
    session.write(MODULE, '"first"', '"second"')
    for number in range(300):  # a checkout of another branch
        (session.root / f"Web/module{number}.py").write_text("")
    dev.wait_for_line("ready: Greet")
    assert "\n".join(dev.lines).count("Files have changed") <= 2
    session.insert("Anna")
    dev.wait_for_line("second Anna")
    session.write(MODULE, "print(", "print((")
    dev.wait_for_line("it starts again when a file has changed")
    shown = "\n".join(dev.lines)
    assert "SyntaxError" in shown
    assert shown.count("The worker ended") == 1
    assert MODULE in shown
    session.insert("Bert")
    session.write(MODULE, "print((", "print(")
    dev.wait_for_line("second Bert")
    session.write("WorkerMain.py", "[*web_workers]", "[]")
    dev.wait_for_line("The worker has nothing to run yet: it starts when a file has changed.")


def test_browser_is_answered_while_the_web_application_cannot_start(session: Session) -> None:
    session.write("Web/FrontController.py", "\napp = ", "\napp = missing\napp = ")
    dev = session.start("--no-worker")
    [url] = re.findall(r"http\S+", dev.wait_for_line("web application: http://127.0.0.1:"))
    dev.wait_for_line("The web application ended with exit code 1")
    answer = httpx.get(f"{url}/jobs/")
    shown = "\n".join(dev.lines)
    place = (
        r"^web    \| Web/FrontController.py, line \d+: NameError: name 'missing' is not defined$"
    )
    assert re.search(place, shown, re.MULTILINE)
    assert "uvicorn/" not in shown
    assert answer.status_code == 503
    assert "jobgen dev" in answer.text
    session.write("Web/FrontController.py", "app = missing\n", "")
    dev.wait_for_line("Application startup complete")
    assert httpx.get(f"{url}/jobs/").status_code == 401


def test_running_job_is_released_for_the_new_code_without_counting(session: Session) -> None:
    session.write(
        MODULE, 'print("first"', 'import asyncio; await asyncio.sleep(3600); print("first"'
    )
    dev = session.start("--no-web")
    dev.wait_for_line("ready: Greet")
    session.insert("Anna")
    with psycopg.connect(session.url, autocommit=True) as conn:
        running = "SELECT FROM greet_jobs WHERE status = 'job_status_running'"
        wait_for(lambda: conn.execute(running).fetchall(), "a running job")
        session.write(MODULE, "await asyncio.sleep(3600); ", "")
        dev.wait_for_line("first Anna")
        ended = "SELECT attempts_count FROM greet_jobs WHERE status = 'job_status_succeeded'"
        wait_for(lambda: conn.execute(ended).fetchall() == [(1,)], "one attempt that counts")


def test_saved_schema_updates_records_and_database_with_one_restart(session: Session) -> None:
    dev = session.start("--no-web")
    dev.wait_for_line("ready: Greet")
    schema = (session.root / SCHEMA).read_text()
    (session.root / SCHEMA).write_text("")  # an editor that truncates the file first
    dev.wait_for_line("Application/Schema.sql is empty: it is not followed.")
    (session.root / SCHEMA).write_text(schema)
    session.write(SCHEMA, "    name TEXT NOT NULL", "    mood TEX,\n    name TEXT NOT NULL")
    dev.wait_for_line("error: Application/Schema.sql:")
    session.write(SCHEMA, "mood TEX,", "mood TEXT,")
    dev.wait_for_line("migrate column greet_jobs.mood")
    dev.wait_for_line("update  Generated/Types.py")
    dev.wait_for_line("ready: Greet")
    assert "mood" in (session.root / "Generated/Types.py").read_text()
    receipt = last_receipt(session.root)
    assert receipt is None or receipt.generator != "types"
    with psycopg.connect(session.url) as conn:
        conn.execute("SELECT mood FROM greet_jobs")
    session.write(SCHEMA, "name TEXT NOT NULL", "name VARCHAR(20) NOT NULL")
    dev.wait_for_line("Not done, for you to decide")
    dev.send_signal(signal.SIGTERM)
    output = dev.wait_for_exit(0)
    assert output.count("starting again") == 1
    assert "character varying(20)" in output


def test_database_that_does_not_answer_is_waited_for(session: Session) -> None:
    url = conninfo_to_dict(session.url)
    with tempfile.TemporaryDirectory() as folder:
        later = Path(folder) / "socket"
        session.environment["DATABASE_URL"] = make_conninfo(session.url, host=str(later))
        dev = session.start("--no-web")
        dev.wait_for_line("error: The database does not answer")
        later.symlink_to(str(url["host"]))
        dev.wait_for_line("The database is up to date again.")
        dev.wait_for_line("ready: Greet")
        dev.send_signal(signal.SIGINT)
        assert dev.wait_for_exit(0).count("error: The database does not answer") == 1


def test_taken_port_is_stepped_over(session: Session) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        dev = session.start("--no-worker", port=port)
        dev.wait_for_line(f"(port {port} is taken)")
        dev.wait_for_line("Application startup complete")


def test_command_is_served_with_its_port_and_new_settings_are_followed(session: Session) -> None:
    session.write(
        "pyproject.toml",
        "[tool.jobgen]\n",
        "[tool.jobgen]\nweb = \"command sh -c 'echo serving {port} $PORT; exec sleep 3600'\"\n",
    )
    dev = session.start("--no-worker")
    [port] = re.findall(r"127\.0\.0\.1:(\d+)", dev.wait_for_line("web application"))
    dev.wait_for_line(f"serving {port} {port}")
    session.write("pyproject.toml", "echo serving", "echo now serving")
    dev.wait_for_line("now serving")
    session.write("pyproject.toml", 'web = "command', 'web = "comand')
    dev.wait_for_line("error:")
    session.write("pyproject.toml", 'web = "comand sh', 'web = "command nowhere')
    dev.wait_for_line("error: The web application cannot start: nowhere: No such file")
    dev.send_signal(signal.SIGHUP)
    dev.wait_for_exit(0)
    session.wait_until_gone()


def test_killed_worker_starts_again(session: Session) -> None:
    dev = session.start("--no-web")
    dev.wait_for_line("ready: Greet")
    with psycopg.connect(session.url) as conn:
        [pid] = conn.execute("SELECT pid FROM job_workers").fetchone() or (0,)
    os.kill(pid, signal.SIGKILL)
    dev.wait_for_line("was ended by SIGKILL: it starts again in 1 s")
    dev.wait_for_line("ready: Greet")


def test_killed_session_leaves_no_process_and_no_server(session: Session) -> None:
    del session.environment["DATABASE_URL"]
    web = "command sh -c 'echo the web is given $DATABASE_URL; exec sleep 3600'"
    session.write("pyproject.toml", "[tool.jobgen]\n", f'[tool.jobgen]\nweb = "{web}"\n')
    dev = session.start()
    dev.wait_for_line("Starting PostgreSQL")
    dev.wait_for_line("the web is given postgresql://")
    dev.wait_for_line("ready: Greet")
    assert session.pids()
    dev.send_signal(signal.SIGKILL)
    session.wait_until_gone()
    dev = session.start("--no-web")
    dev.wait_for_line("ready: Greet")
    os.kill(Server(session.root).status().pid or 0, signal.SIGKILL)
    dev.wait_for_line("PostgreSQL has ended: starting it again.")
    dev.wait_for_line("the database answers again")
    dev.send_signal(signal.SIGINT)
    dev.wait_for_exit(0)
    session.wait_until_gone()
    assert not (session.root / ".jobgen/database_url").exists()
