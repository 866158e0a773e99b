"""Values that the runtime's commands refuse, each with the option's name and what it takes."""

from __future__ import annotations

import re

import pytest
from jobgen_runtime.cli import manage_jobs
from jobgen_runtime.cli.options import (
    LONGEST_HEARTBEAT,
    LONGEST_SECONDS,
    build_parser,
    parse_options,
)

from tests.support.application import Application
from tests.support.rows import Rows

NO_NUMBER = ["x", "", " ", "-1", "nan", "inf", "-inf", "1e999", "1e300", "10s", "1,5"]
SECONDS = dict.fromkeys(("--grace", "--poll", "--heartbeat"), NO_NUMBER)
SECONDS["--poll"] = [*NO_NUMBER, "0", "0.001"]
SECONDS["--heartbeat"] = [*SECONDS["--poll"], str(LONGEST_HEARTBEAT + 1)]
OTHERS = {
    "--processes": ["x", "", "0", "-1", "1.5", "nan", "inf", "1001", "9" * 5000],
    "--max-jobs": ["x", "", "0", "-1", "1.5", "nan", "inf", "9" * 5000],
    "--max-rss": ["x", "", "0", "-1", "1.5", "512M", "9" * 5000],
    "--health": ["x", "", ":80", "host:", "host:x", "99999", "-1", "1.5", "::1", "nan"],
    "--metrics": ["x", "", ":80", "host:", "99999", "-1"],
    "--log-format": ["x", ""],
    "--loop": ["x", ""],
    "--root": ["", "/nowhere", __file__],
    "-C": ["", "/nowhere", __file__],
    "--child": ["x", "1", "1:2:3", ""],
}
CASES = [(o, v) for values in (SECONDS, OTHERS) for o, refused in values.items() for v in refused]


@pytest.mark.parametrize(("option", "value"), CASES)
def test_invalid_value_of_an_option_is_refused_with_what_the_option_takes(
    option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exited:
        build_parser().parse_args([f"{option}={value}" if option[1] == "-" else f"{option}{value}"])
    assert exited.value.code == 2
    message = capsys.readouterr().err.splitlines()[0]
    assert message.startswith("run-jobs: Argument ")
    assert option in message
    # Not the name of a function of this package.
    assert not re.search(r"invalid \w+ value", message)


@pytest.mark.parametrize("option", ["--max-jobs", "--max-rss"])
def test_drain_with_a_limit_of_a_process_is_refused(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exited:
        parse_options(["--drain", option, "10"])
    assert exited.value.code == 2
    assert "--drain ends by itself, so it takes no --max-jobs" in capsys.readouterr().err


@pytest.mark.parametrize("option", SECONDS)
@pytest.mark.parametrize("value", ["0.01", "1", "1e3"])
def test_durations_are_read_as_seconds(option: str, value: str) -> None:
    options = build_parser().parse_args([option, value])
    assert getattr(options, option.removeprefix("--")) == float(value)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_worker_runs_with_the_longest_durations(app: Application, rows: Rows, loop: str) -> None:
    options = [
        *(f"{option}={LONGEST_SECONDS}" for option in ("--poll", "--grace")),
        f"--heartbeat={LONGEST_HEARTBEAT}",
    ]
    [job] = rows.insert()
    output = app.start("run-jobs", "--drain", "--loop", loop, *options).wait_for_exit()
    assert f"ran {job}" in output


@pytest.mark.parametrize("value", ["", "/nowhere"])
def test_folder_that_does_not_exist_is_refused_by_manage_jobs(
    value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exited:
        manage_jobs.main([f"--root={value}", "status"])
    assert exited.value.code == 2
    assert "Argument -C/--root: " in capsys.readouterr().err


def test_empty_names_and_scripts_are_refused_with_a_sentence(app: Application) -> None:
    for options in ([""], ["--except="], ["--app="]):
        [first, *_] = app.start("run-jobs", *options).wait_for_exit(2).splitlines()
        assert "with an empty name" in first
    host = "a" * 100
    output = app.start("run-jobs", "--health", f"{host}:8080").wait_for_exit(1)
    assert f"--health cannot listen on {host}:8080" in output
    assert "Traceback" not in output
    assert "is a folder" in app.start("run-script", "").wait_for_exit(1)
