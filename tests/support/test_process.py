"""Waiting for the lines of a process."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.process import Process

Start = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """A function that starts a process which prints the given lines and waits for its end."""
    started: list[Process] = []

    def start(*lines: str) -> Process:
        program = f"import time\nprint({chr(10).join(lines)!r}, flush=True)\ntime.sleep(600)"
        started.append(Process([sys.executable, "-c", program], tmp_path, dict(os.environ)))
        return started[-1]

    yield start
    for process in started:
        process.close()


def test_line_before_the_start_can_be_waited_for_after_it(start: Start) -> None:
    process = start("added a schedule", "ready: Probe", "ran")
    assert process.wait_for_start("ready") == "ready: Probe"
    assert process.wait_for_line("schedule") == "added a schedule"
    assert process.wait_for_line("ran") == "ran"
    assert process.lines == ["added a schedule", "ready: Probe", "ran"]


def test_lines_in_any_order_are_different_lines(start: Start) -> None:
    process = start("red 1", "green", "blue 1", "red 2", "blue 2")
    assert process.wait_for_lines("blue", "red", "red") == ["blue 1", "red 1", "red 2"]
    assert process.wait_for_line("blue") == "blue 2"


def test_line_is_read_once_and_with_it_what_was_printed_before(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = start("before", "one", "two", "one more")
    process.wait_for_start("more")
    process.wait_for_line("one")
    monkeypatch.setattr("tests.support.process.TIMEOUT", 0.1)
    for text in ("before", "one"):
        with pytest.raises(AssertionError, match=rf"no \['{text}'\] in unread lines"):
            process.wait_for_line(text)
    assert process.wait_for_line("two") == "two"


def test_end_of_the_process_ends_the_wait(tmp_path: Path) -> None:
    process = Process([sys.executable, "-c", "print('last')"], tmp_path, dict(os.environ))
    with pytest.raises(AssertionError, match="last"):
        process.wait_for_line("more")
    assert process.wait_for_exit() == "last"
    process.close()
