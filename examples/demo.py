"""The main job from nothing to a finished row: what `make demo` runs.

Every step is a command that a user types, run in a new folder. The mails go over real
SMTP to a server that this script starts. Exits 0 only if every mail arrived and the
job's row says succeeded.
"""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage, Message
from pathlib import Path

import psycopg
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler

EXAMPLE = Path(__file__).parent / "shop"
BIN = Path(sys.executable).parent
CUSTOMERS_TABLE = """\
CREATE TABLE customers (
    id UUID DEFAULT uuidv7() PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE
);
"""
CUSTOMERS = {
    "Ada Lovelace": "ada@example.org",
    "Grace Hopper": "grace@example.org",
    "Edsger Dijkstra": "edsger@example.org",
}
PATIENCE = 60.0
"""Seconds to wait for the worker before the demo is called failed."""


class Inbox(MessageHandler):
    """A mail server's handler that keeps what arrives."""

    def __init__(self) -> None:
        super().__init__(EmailMessage)
        self.mails: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.mails.append(message)


class Steps:
    """Prints the steps, and runs their commands as a user would."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self.number = 0

    def title(self, text: str) -> None:
        self.number += 1
        plain = os.environ.get("NO_COLOR") or not sys.stdout.isatty()
        bold, normal = ("", "") if plain else ("\033[1m", "\033[0m")
        print(f"\n{bold}{self.number}. {text}{normal}", flush=True)

    def run(self, *command: str) -> None:
        print(f"$ {shlex.join(command)}", flush=True)
        subprocess.run(command, cwd=self.folder, env=self.environment, check=True)

    def show(self, path: str) -> None:
        print(f"# {path}")
        print((self.folder / path).read_text().rstrip(), flush=True)


class Worker:
    """`run-jobs` as a process, its output passed on line by line."""

    def __init__(self, steps: Steps) -> None:
        print("$ run-jobs --verbose &", flush=True)
        self.ready = threading.Event()
        self.process = subprocess.Popen(
            ["run-jobs", "--verbose"],
            cwd=steps.folder,
            env=steps.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._pass_on, daemon=True).start()

    def _pass_on(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            print(f"  run-jobs | {line.rstrip()}", flush=True)
            if "ready" in line:
                self.ready.set()
        self.ready.set()

    def stop(self) -> None:
        """SIGTERM, as a process manager would; what runs is finished first."""
        self.process.terminate()
        self.process.wait(PATIENCE)


@contextmanager
def mail_server(inbox: Inbox) -> Iterator[int]:
    """A real SMTP server on a free port of the loopback address: the port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def wait_for_end(url: str) -> str:
    """The job's status once it is final, or its last one when patience is out."""
    deadline = time.monotonic() + PATIENCE
    status = "no row"
    with psycopg.connect(url, autocommit=True) as conn:
        while time.monotonic() < deadline:
            row = conn.execute("SELECT status::text FROM email_customers_jobs").fetchone()
            status = row[0] if row else "no row"
            if status.endswith(("_succeeded", "_failed", "_timed_out")):
                break
            time.sleep(0.05)
    return status


def demo(parent: Path, inbox: Inbox, smtp_port: int) -> bool:
    """All steps, in a folder below `parent`: whether all went well."""
    environment = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(smtp_port),
    }
    environment.pop("DATABASE_URL", None)
    steps = Steps(parent, environment)

    steps.title("A new application")
    steps.run("jobgen", "new", "shop")
    steps.folder = parent / "shop"

    steps.title("A table of customers, in Application/Schema.sql")
    with (steps.folder / "Application/Schema.sql").open("a") as schema:
        schema.write(CUSTOMERS_TABLE)
    print(CUSTOMERS_TABLE.rstrip())

    steps.title("A job: first its plan, then for real")
    steps.run("jobgen", "job", "EmailCustomers", "--diff")
    steps.run("jobgen", "job", "EmailCustomers")

    steps.title("A script that starts the job, for cron or by hand")
    steps.run("jobgen", "script", "RunEmailCustomersJob")

    steps.title("The project's own PostgreSQL")
    steps.run("jobgen", "postgres", "start")
    try:
        return run_job(steps, inbox)
    finally:
        steps.title("The end: PostgreSQL stops")
        steps.run("jobgen", "postgres", "stop")


def run_job(steps: Steps, inbox: Inbox) -> bool:
    """From the empty database to the finished row: whether all went well."""
    url = (steps.folder / ".jobgen/database_url").read_text().strip()

    steps.title("The database brought up to Schema.sql")
    steps.run("jobgen", "migrate")
    with psycopg.connect(url) as conn:
        conn.cursor().executemany(
            "INSERT INTO customers (name, email) VALUES (%s, %s)", list(CUSTOMERS.items())
        )
    print(f"{len(CUSTOMERS)} customers inserted: {', '.join(CUSTOMERS)}")

    steps.title("What the job does: read the customers, send each a mail")
    shutil.copy(EXAMPLE / "Web/Job/EmailCustomers.py", steps.folder / "Web/Job/EmailCustomers.py")
    steps.show("Web/Job/EmailCustomers.py")

    steps.title("The worker starts and waits; then the script inserts a row")
    worker = Worker(steps)
    try:
        if not worker.ready.wait(PATIENCE) or worker.process.poll() is not None:
            print("The worker did not start.")
            return False
        steps.run("Application/Script/RunEmailCustomersJob.py")
        status = wait_for_end(url)
    finally:
        worker.stop()

    steps.title("The row at the end")
    steps.run(
        *("jobgen", "postgres", "psql", "--", "--expanded", "--command"),
        "SELECT id, status, attempts_count, created_at, run_at, updated_at, last_error"
        " FROM email_customers_jobs",
    )

    steps.title("The mails that arrived")
    for mail in inbox.mails:
        print(f"To: {mail['To']}  Subject: {mail['Subject']}")
    arrived = sorted(str(mail["To"]) for mail in inbox.mails)
    expected = sorted(f"{name} <{email}>" for name, email in CUSTOMERS.items())
    good = status == "job_status_succeeded" and arrived == expected
    print(f"\n{len(arrived)} of {len(expected)} mails arrived, the row says {status}.", flush=True)
    return good


def main() -> int:
    """The demo in a temporary folder; the process's exit code."""
    inbox = Inbox()
    with tempfile.TemporaryDirectory(prefix="jobgen-demo-") as folder, mail_server(inbox) as port:
        Path(folder).chmod(0o755)
        return 0 if demo(Path(folder), inbox, port) else 1


if __name__ == "__main__":
    sys.exit(main())
