"""Files that differ are refused, overwritten, kept, or asked about at a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.cli.command import JOBGEN, Jobgen
from tests.support.tree import read_tree
from tests.support.waiting import TIMEOUT

MODULE = "Web/Job/EmailCustomers.py"


@pytest.fixture
def edited(jobgen: Jobgen, shop: Path) -> Path:
    """A job's module that was edited."""
    assert jobgen("job", "EmailCustomers").code == 0
    (shop / MODULE).write_text("mine = 1\n")
    return shop / MODULE


def at_terminal(shop: Path, *words: str, answers: list[str]) -> tuple[int, str]:
    """Run `jobgen` at a terminal, and type each answer when a question appears."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [str(JOBGEN), *words],
        cwd=shop,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**os.environ, "NO_COLOR": "1"},
    )
    os.close(slave)
    out = b""
    waiting = list(answers)
    while True:
        try:
            chunk = os.read(master, 4096)
        except OSError:
            break
        if not chunk:
            break
        out += chunk
        if waiting and out.rstrip().endswith((b"diff):", b"diff)", b"[y/N]:", b"[y/n/diff]")):
            os.write(master, waiting.pop(0).encode() + b"\n")
    os.close(master)
    return process.wait(TIMEOUT), out.decode()


def test_edited_file_stops_a_command_without_a_terminal(
    jobgen: Jobgen, shop: Path, edited: Path
) -> None:
    before = read_tree(shop)
    for words in ([], ["--yes"], ["--dry-run"], ["--json"]):
        done = jobgen("job", "EmailCustomers", *words)
        assert done.code == 4
        assert MODULE in done.err + done.out
        assert done.out.startswith("{" if words == ["--json"] else "Not done:\n")
    assert read_tree(shop) == before


def test_force_overwrites_an_edited_file(jobgen: Jobgen, edited: Path) -> None:
    assert jobgen("job", "EmailCustomers", "--force").code == 0
    assert "class EmailCustomers" in edited.read_text()
    assert jobgen("undo").code == 0
    assert edited.read_text() == "mine = 1\n"


def test_force_overwrites_the_code_of_a_job(jobgen: Jobgen, shop: Path) -> None:
    assert jobgen("job", "EmailCustomers").code == 0
    generated = (shop / MODULE).read_text()
    (shop / MODULE).write_text(generated.replace("Hello", "Goodbye"))
    assert "Nothing to do" in jobgen("job", "EmailCustomers").out
    assert jobgen("job", "EmailCustomers", "--force").code == 0
    assert (shop / MODULE).read_text() == generated


def test_skip_keeps_an_edited_file(jobgen: Jobgen, edited: Path) -> None:
    done = jobgen("job", "EmailCustomers", "--skip")
    assert (done.code, edited.read_text()) == (0, "mine = 1\n")
    assert jobgen("job", "EmailCustomers", "--skip", "--force").code == 2


@pytest.mark.parametrize(
    ("answers", "is_mine"),
    [(["y"], False), (["n"], True), (["diff", "y"], False), (["x", "n"], True)],
)
def test_edited_file_is_asked_about_at_a_terminal(
    shop: Path, edited: Path, answers: list[str], is_mine: bool
) -> None:
    code, out = at_terminal(shop, "job", "EmailCustomers", answers=answers)
    assert code == 0
    assert (edited.read_text() == "mine = 1\n") is is_mine
    assert ("-mine = 1" in out) is ("diff" in answers)


@pytest.mark.parametrize(("answer", "is_there"), [("y", False), ("n", True)])
def test_destroy_asks_for_confirmation_at_a_terminal(
    jobgen: Jobgen, shop: Path, answer: str, is_there: bool
) -> None:
    jobgen("job", "EmailCustomers")
    jobgen("script", "RunEmailCustomersJob")
    code, out = at_terminal(shop, "destroy", "job", "EmailCustomers", answers=[answer])
    assert code == 0
    before, asked, after = out.partition("Remove all of this?")
    assert asked
    assert "jobgen destroy script RunEmailCustomersJob" in before
    assert MODULE not in after
    assert ("Done." in after) is not is_there
    assert (shop / MODULE).exists() is is_there


def test_destroy_with_yes_does_not_ask(shop: Path, jobgen: Jobgen) -> None:
    jobgen("job", "EmailCustomers")
    code, _ = at_terminal(shop, "destroy", "job", "EmailCustomers", "--yes", answers=[])
    assert code == 0
    assert not (shop / MODULE).exists()


def test_undo_of_an_edited_file_is_refused(jobgen: Jobgen, shop: Path, edited: Path) -> None:
    before = read_tree(shop)
    done = jobgen("undo")
    assert (done.code, MODULE in done.err) == (4, True)
    assert read_tree(shop) == before
