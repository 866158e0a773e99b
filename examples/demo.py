"""Create an application and run its first job, as `make demo` does.

Every step is a command that a user would type, run in a new folder. The mails are sent over SMTP
to a server that this script starts. The exit code is 0 only if every mail arrived and the job's
row has the status succeeded.
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
NEXT = """
Next: "The first ten minutes" in README.md goes through the same steps by hand, and on to the
dashboard, which docs/images/dashboard-overview.webp shows. Nothing of this demo is left behind."""
WORKER_TIMEOUT = 60.0
"""Seconds to wait for the worker before the demo fails."""


class Inbox(MessageHandler):
    """A handler of the mail server that keeps the mails."""

    def __init__(self) -> None:
        super().__init__(EmailMessage)
        self.mails: list[Message] = []

    def handle_message(self, message: Message) -> None:
        """Keep a mail."""
        self.mails.append(message)


class Steps:
    """Prints the steps of the demo and runs their commands."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self.number = 0

    def title(self, text: str) -> None:
        """Print the title of the next step."""
        self.number += 1
        plain = os.environ.get("NO_COLOR") or not sys.stdout.isatty()
        bold, normal = ("", "") if plain else ("\033[1m", "\033[0m")
        print(f"\n{bold}{self.number}. {text}{normal}", flush=True)

    def run(self, *command: str) -> None:
        """Print a command and run it in the application's folder."""
        print(f"$ {shlex.join(command)}", flush=True)
        subprocess.run(command, cwd=self.folder, env=self.environment, check=True)

    def show(self, path: str) -> None:
        """Print a file of the application."""
        print(f"# {path}")
        print((self.folder / path).read_text().rstrip(), flush=True)


class Worker:
    """A `run-jobs` process, whose output is printed line by line."""

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
        threading.Thread(target=self._print_output, daemon=True).start()

    def _print_output(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            print(f"  run-jobs | {line.rstrip()}", flush=True)
            if "ready" in line:
                self.ready.set()
        self.ready.set()

    def stop(self) -> None:
        """Stop the worker with SIGTERM, which lets running jobs finish."""
        self.process.terminate()
        self.process.wait(WORKER_TIMEOUT)


@contextmanager
def mail_server(inbox: Inbox) -> Iterator[int]:
    """Run an SMTP server on the loopback interface during the block, and yield its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def wait_for_final_status(url: str) -> str:
    """Return the job's final status, or its status when the time is up."""
    deadline = time.monotonic() + WORKER_TIMEOUT
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
    """Run all steps in a folder below `parent`, and return whether they succeeded."""
    environment = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(smtp_port),
    }
    environment.pop("DATABASE_URL", None)
    steps = Steps(parent, environment)

    steps.title("Create an application")
    steps.run("jobgen", "new", "shop")
    steps.folder = parent / "shop"

    steps.title("Add a table of customers to Application/Schema.sql")
    with (steps.folder / "Application/Schema.sql").open("a") as schema:
        schema.write(CUSTOMERS_TABLE)
    print(CUSTOMERS_TABLE.rstrip())

    steps.title("Write a job; --diff would show each line first")
    steps.run("jobgen", "job", "EmailCustomers")
    steps.show("Web/Job/EmailCustomers.py")

    steps.title("Write a script that creates the job, for cron or a terminal")
    steps.run("jobgen", "script", "RunEmailCustomersJob")

    steps.title("Start the project's own PostgreSQL")
    steps.run("jobgen", "postgres", "start")
    try:
        return run_job(steps, inbox)
    finally:
        steps.title("Stop PostgreSQL")
        steps.run("jobgen", "postgres", "stop")


def run_job(steps: Steps, inbox: Inbox) -> bool:
    """Migrate the database, run the job, and return whether it succeeded."""
    url = (steps.folder / ".jobgen/database_url").read_text().strip()

    steps.title("Migrate the database to Schema.sql; --dry-run would show the SQL")
    steps.run("jobgen", "migrate")
    with psycopg.connect(url) as conn:
        conn.cursor().executemany(
            "INSERT INTO customers (name, email) VALUES (%s, %s)", list(CUSTOMERS.items())
        )
    print(f"{len(CUSTOMERS)} customers inserted: {', '.join(CUSTOMERS)}")

    steps.title("Fill in the job: read the customers and send each a mail")
    shutil.copy(EXAMPLE / "Web/Job/EmailCustomers.py", steps.folder / "Web/Job/EmailCustomers.py")
    steps.show("Web/Job/EmailCustomers.py")

    steps.title("Start a worker, then create a job with the script")
    worker = Worker(steps)
    try:
        if not worker.ready.wait(WORKER_TIMEOUT) or worker.process.poll() is not None:
            print("The worker did not start.")
            return False
        steps.run("Application/Script/RunEmailCustomersJob.py")
        status = wait_for_final_status(url)
    finally:
        worker.stop()

    steps.title("Look at the job's row")
    steps.run(
        *("jobgen", "postgres", "psql", "--", "--expanded", "--command"),
        "SELECT id, status, attempts_count, created_at, run_at, updated_at, last_error"
        " FROM email_customers_jobs",
    )

    steps.title("Look at the mails")
    for mail in inbox.mails:
        print(f"To: {mail['To']}  Subject: {mail['Subject']}")
    arrived = sorted(str(mail["To"]) for mail in inbox.mails)
    expected = sorted(f"{name} <{email}>" for name, email in CUSTOMERS.items())
    succeeded = status == "job_status_succeeded" and arrived == expected
    print(
        f"\n{len(arrived)} of {len(expected)} mails arrived. The job's status is {status}.",
        flush=True,
    )
    return succeeded


def main() -> int:
    """Run the demo in a temporary folder, and return the exit code."""
    inbox = Inbox()
    with tempfile.TemporaryDirectory(prefix="jobgen-demo-") as folder, mail_server(inbox) as port:
        Path(folder).chmod(0o755)
        succeeded = demo(Path(folder), inbox, port)
    if succeeded:
        print(NEXT, flush=True)
    return 0 if succeeded else 1


if __name__ == "__main__":
    sys.exit(main())
