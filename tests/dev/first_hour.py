"""A newcomer's first hour: one run through a terminal and a browser, step by step.

`docs/images/make_first_hour.py` takes a picture of each step, and a test checks them.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.dev.session import MARK, Session
from tests.support import forked
from tests.support.process import BIN, Process
from tests.support.waiting import TIMEOUT

ROOT = Path(__file__).parents[2]
JOB = "Web/Job/EmailCustomers.py"
TYPES = "Generated/Types.py"
INSTALL = "0-install"
"""The picture of the installation, which the test leaves to those of README.md."""

Show = Callable[[str, Page | Sequence[str]], None]
"""Called after a step with its name and what shows its result: a page, or a terminal's lines."""


@dataclass
class FirstHour:
    """The run. Each method is a step, to be called in the order of `walk`.

    Attributes:
        folder: An empty folder for the application.
        browser: The browser.
        show: Called with what there is to see.
        environment: The variables of all processes.
        commands: The folder of the installed commands.
        terminal: What the terminal has shown before the session.
    """

    folder: Path
    browser: Browser
    show: Show
    environment: dict[str, str]
    commands: Path = BIN
    terminal: list[str] = field(default_factory=list)
    started: Process | None = None
    opened: Page | None = None
    urls: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root = self.folder / "shop"
        self.session = Session(self.root, self.environment, self.commands)

    @property
    def dev(self) -> Process:
        """The process of `jobgen dev`."""
        assert self.started is not None
        return self.started

    @property
    def page(self) -> Page:
        """The page of the browser, which knows the dashboard's password."""
        assert self.opened is not None
        return self.opened

    def walk(self) -> None:
        """Go through all steps."""
        self.make_application()
        self.start_session()
        self.generate_job()
        self.run_new_code()
        self.add_column()
        self.break_and_mend_code()
        self.see_job_fail()
        self.retry_job()
        self.end_session()

    def make_application(self) -> None:
        """`jobgen new` writes an application."""
        command = (str(self.commands / "jobgen"), "new", "shop")
        done = forked.run(command, self.folder, self.environment, timeout=TIMEOUT)
        done.check_returncode()
        assert (self.root / "AGENTS.md").exists()
        self.terminal += ["$ jobgen new shop", *done.stdout.splitlines()[:3], "…"]

    def start_session(self) -> None:
        """`jobgen dev` starts everything, and prints the addresses."""
        self.terminal += ["$ cd shop && jobgen dev"]
        self.started = self.session.start(ide=True)
        for name in ("IDE page", "web application"):
            [self.urls[name]] = re.findall(r"http\S+", self.dev.wait_for_line(f"{name}: http://"))
        password = self.dev.wait_for_line("password ").rpartition(" ")[2]
        context = self.browser.new_context(
            viewport={"width": 1000, "height": 640},
            http_credentials={"username": "dev", "password": password},
        )
        self.opened = context.new_page()
        self.opened.set_default_timeout(1000 * TIMEOUT)
        self.dev.wait_for_line("Application startup complete")
        self.show_terminal("1-dev")

    def generate_job(self) -> None:
        """The page shows the plan while a name is typed, and applies it."""
        page = self.page
        page.goto(self.urls["IDE page"])
        page.get_by_label("Name").press_sequentially("EmailCustomers")
        expect(page.locator("#command")).to_have_text("jobgen job EmailCustomers")
        expect(page.get_by_role("button", name="Generate")).to_be_enabled()
        self.show("2-generate", page)
        page.get_by_role("button", name="Generate").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Done: jobgen job")
        self.show("3-generated", page)
        self.wait_for_restart()

    def run_new_code(self) -> None:
        """Saved code runs at once: a row is a job."""
        perform = "    async def perform(self, job: EmailCustomersJob) -> None:\n        "
        new = f'    max_concurrency = 4\n\n{perform}print("Dear customers")'
        self.edit(f'{perform}print("Hello World!")', new)
        # Generating has saved several files: the session may have started again more than once.
        self.dev.wait_for_line("ready: EmailCustomers (4 at once)")
        page = self.page
        page.get_by_role("link", name="Jobs", exact=True).click()
        expect(page.get_by_text("migrated", exact=True)).to_be_visible()
        page.get_by_role("button", name="Run EmailCustomers").click()
        expect(page.get_by_role("status")).to_contain_text("A row was inserted")
        self.dev.wait_for_line("Dear customers")
        expect(page.get_by_text("Waiting 0")).to_be_visible()
        self.show("4-run", page)

    def add_column(self) -> None:
        """The page adds a column; the record and the database follow."""
        page = self.page
        page.get_by_role("link", name="Schema", exact=True).click()
        page.get_by_role("link", name="Add a column to email_customers_jobs").click()
        page.get_by_label("Name").fill("subject")
        page.get_by_label("Type", exact=True).fill("text")
        page.get_by_label("Allows NULL").check()
        expect(page.locator("#command")).to_have_text(
            "jobgen column email_customers_jobs 'subject:text?'"
        )
        expect(page.get_by_label(f"Changes of {TYPES}")).to_contain_text("+    subject: str | None")
        self.show("5-column", page)
        page.get_by_role("button", name="Generate").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Done: jobgen column")
        assert "    subject: str | None" in (self.root / TYPES).read_text()
        self.wait_for_restart()

    def break_and_mend_code(self) -> None:
        """An error in the code is shown once, and waited out."""
        self.edit('print("Dear customers")', "print(job.subject.upper()")
        since = len(self.dev.lines)
        self.dev.wait_for_line("was never closed")
        self.dev.wait_for_line("file has changed")
        self.show_terminal("6-broken", since=since)
        self.edit("print(job.subject.upper()", "print(job.subject.upper())")
        self.wait_for_restart()

    def see_job_fail(self) -> None:
        """A job that fails is counted on the page, and shown with its error in the dashboard."""
        self.edit("max_concurrency = 4\n", "max_concurrency = 4\n    max_attempts = 1\n")
        self.wait_for_restart()
        page = self.page
        page.get_by_role("link", name="Jobs", exact=True).click()
        page.get_by_role("link", name="Run … EmailCustomers").click()
        page.get_by_role("button", name="Run").click()
        expect(page.get_by_text("Failed 1")).to_be_visible()
        self.show("7-failed", page)
        page.get_by_role("link", name="Dashboard of EmailCustomers").click()
        page.get_by_role("link", name="Failed").first.click()
        page.get_by_role("rowheader").get_by_role("link").first.click()
        expect(page.get_by_text("has no attribute 'upper'").first).to_be_visible()
        self.show("8-error", page)

    def retry_job(self) -> None:
        """The mended code runs the failed job again."""
        self.edit("job.subject.upper()", '(job.subject or "no subject").upper()')
        self.wait_for_restart()
        page = self.page
        with page.expect_navigation():  # else the job may run before it, and reload() collides
            page.get_by_role("button", name="Retry").first.click()
        self.dev.wait_for_line("NO SUBJECT")
        page.reload()
        expect(page.get_by_text("Succeeded").first).to_be_visible()
        self.show("9-retried", page)

    def end_session(self) -> None:
        """Ctrl-C ends everything."""
        self.dev.skip_lines()
        since = len(self.dev.lines)
        self.dev.send_signal(signal.SIGINT)
        self.dev.wait_for_exit(0)
        self.session.wait_until_gone()
        self.show_terminal("10-end", since=since, first="^C")

    def wait_for_restart(self) -> None:
        """Wait until the worker runs what was saved."""
        self.dev.wait_for_line("Files have changed")
        self.dev.wait_for_line("ready: EmailCustomers")

    def edit(self, old: str, new: str) -> None:
        """Save a change of the job's module."""
        self.dev.skip_lines()
        self.session.write(JOB, old, new)

    def show_terminal(self, name: str, *, since: int = 0, first: str | None = None) -> None:
        """Show the lines of the terminal, since a number of lines of the session."""
        lines = self.terminal if not since else [first or "…"]
        lines = [*lines, *self.dev.lines[since:]]
        shown = [
            re.sub(r"token=\w{7}\S+", lambda token: f"{token[0][:13]}…", each) for each in lines
        ]
        self.show(name, shown)


def install(folder: Path) -> tuple[Path, list[str]]:
    """Install jobgen as README says, into a new virtual environment.

    Returns:
        The folder of its commands, and what the terminal has shown.
    """
    commands = folder / "jobgen/bin"
    wanted = ["./runtime[binary,dashboard]", "."]
    subprocess.run([sys.executable, "-m", "venv", folder / "jobgen"], check=True)
    pip = [str(commands / "python"), "-m", "pip", "--disable-pip-version-check", "install"]
    done = subprocess.run([*pip, *wanted], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    lines = ["$ python3 -m venv ~/.venvs/jobgen && . ~/.venvs/jobgen/bin/activate"]
    lines += ['$ pip install "./runtime[binary,dashboard]" .', "…"]
    installed = done.stdout.splitlines()[-1].removeprefix("Successfully installed ").split()
    lines += ["Successfully installed " + " ".join(installed)]
    return commands, lines


@contextmanager
def first_hour(
    folder: Path, browser: Browser, show: Show, commands: Path = BIN
) -> Iterator[FirstHour]:
    """Prepare a run in an empty folder, with installed commands; end what is left of it."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    path = f"{commands}{os.pathsep}{os.environ['PATH']}"
    active = str(commands.parent)
    environment = {**kept, "PATH": path, "VIRTUAL_ENV": active, MARK: uuid.uuid4().hex}
    hour = FirstHour(folder, browser, show, environment, commands)
    try:
        yield hour
    finally:
        hour.session.close()
        if hour.opened is not None:
            hour.opened.context.close()
