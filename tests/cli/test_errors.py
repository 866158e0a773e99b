"""Errors are printed without a traceback, with the right exit code, and change no file."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.command import JOBGEN, Jobgen
from tests.support.process import Process
from tests.support.tree import read_tree

NAMES = [f"Work{number}" for number in range(6)]


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (["job", "1st"], 2, "digit"),
        (["job", ""], 2, "empty"),
        (["job", "Mail", "note:tekst"], 2, "tekst"),
        (["job"], 2, "NAME is missing."),
        (["job", "Mail", "--nonsense"], 2, "There is no option --nonsense."),
        (["jbo", "Mail"], 2, "There is no command jbo."),
        (["postgres", "start", "--port", "x"], 2, "--port must be a whole number from 1 to 65535."),
        (["new", "hall", "--layout", "flat"], 2, "--layout must be one of guide, pep8."),
        (["types", "all"], 2, "Unexpected extra argument (all)."),
        (["script", "print"], 2, "builtin"),
        (["apply"], 2, "FILE is missing."),
        (["apply", "nowhere.json"], 2, "nowhere.json"),
        (["destroy", "job", "Mail"], 1, "no job Mail"),
    ],
)
def test_invalid_input_is_refused_with_its_exit_code_and_reason(
    jobgen: Jobgen, shop: Path, words: list[str], code: int, reason: str
) -> None:
    before = read_tree(shop)
    done = jobgen(*words)
    assert (done.code, done.out) == (code, "")
    assert reason in done.err
    assert "Traceback" not in done.err
    assert read_tree(shop) == before
    if words[0] not in {"apply", "postgres"}:
        answer = jobgen(*words, "--json")
        assert answer.code == code
        assert reason in answer.json["issues"][0]["message"]
    assert not (shop / ".jobgen").exists()


def test_wrong_word_suggests_the_right_one_and_shows_the_usage(jobgen: Jobgen, shop: Path) -> None:
    assert "hint: Did you mean job? Usage: jobgen [OPTIONS]" in jobgen("jbo", "Mail").err
    assert "hint: `jobgen job NAME` writes a job. Usage:" in jobgen("generate", "job", "Mail").err
    assert "hint: `jobgen destroy job Mail` removes a job, " in jobgen("destroy", "Mail").err
    assert "Did you mean" not in jobgen("job", "Mail", "--columns", "a:text").err
    mistyped = jobgen("list", "--jsn").err
    assert mistyped.startswith("error: There is no option --jsn.\nhint: Did you mean --json? ")
    assert "`jobgen list --help` says more" in mistyped
    assert jobgen("job", "Mail", "--app").err == "error: Option '--app' requires an argument.\n"
    assert jobgen("postgres").err.startswith("Usage: jobgen postgres")


def test_command_outside_a_project_suggests_init(jobgen: Jobgen, tmp_path: Path) -> None:
    done = jobgen("job", "Mail", cwd=tmp_path)
    assert (done.code, "jobgen init" in done.err) == (1, True)


def test_command_in_a_subfolder_finds_the_project(jobgen: Jobgen, shop: Path) -> None:
    assert jobgen("job", "Mail", cwd=shop / "Web").code == 0
    assert (shop / "Web/Job/Mail.py").exists()


def test_list_that_cannot_be_edited_shows_the_text_to_add(jobgen: Jobgen, shop: Path) -> None:
    (shop / "Web/Worker.py").write_text("workers = list()\n")
    done = jobgen("job", "Mail")
    assert done.code == 1
    assert "Web/Worker.py, line 1" in done.err
    assert "\nfrom Web.Job.Mail import Mail\n" in done.err


def test_full_disk_changes_nothing(jobgen: Jobgen, shop: Path) -> None:
    """Limits files to 3,000 bytes, which Types.py exceeds."""
    before = read_tree(shop)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))

    done = subprocess.run(
        [str(JOBGEN), "job", "Mail"],
        cwd=shop,
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "Traceback" not in done.stderr) == (1, True)
    assert "Nothing was changed" in done.stderr
    assert read_tree(shop) == before
    assert jobgen("job", "Mail").code == 0


def test_read_only_project_is_refused(jobgen: Jobgen, shop: Path) -> None:
    before = read_tree(shop)
    shop.chmod(0o555)
    done = jobgen("job", "Mail")
    assert (done.code, "read-only" in done.err) == (1, True)
    assert jobgen("job", "Mail", "--dry-run").code == 0
    shop.chmod(0o755)
    assert read_tree(shop) == before


def test_change_of_a_killed_process_is_rolled_back_by_the_next(jobgen: Jobgen, shop: Path) -> None:
    before = read_tree(shop)
    script = """
import os, signal
from pathlib import Path
from jobgen.apply import Disk, apply_plan
from jobgen.generate.job import make_plan
from jobgen.generate.run import open_project

class Killer(Disk):
    replaced = 0
    def replace(self, source: Path, target: Path) -> None:
        super().replace(source, target)
        self.replaced += 1
        if self.replaced == 4:
            os.kill(os.getpid(), signal.SIGKILL)

project = open_project(Path.cwd(), writes=True)
apply_plan(project.root, make_plan(project, "Mail", (), None), disk=Killer())
"""
    killed = subprocess.run([sys.executable, "-c", script], cwd=shop, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert read_tree(shop) != before
    looking = jobgen("types", "--check")
    assert (looking.code, "interrupted" in looking.err) == (1, True)
    assert jobgen("undo").out == "Nothing to undo.\n"
    assert read_tree(shop) == before
    assert jobgen("job", "Mail").code == 0


def test_concurrent_processes_all_succeed(jobgen: Jobgen, shop: Path) -> None:
    processes = [Process([str(JOBGEN), "job", name], shop, dict(os.environ)) for name in NAMES]
    for process in processes:
        with closing(process):
            process.wait_for_exit()
    worker = (shop / "Web/Worker.py").read_text()
    schema = (shop / "Application/Schema.sql").read_text()
    for name in NAMES:
        assert worker.count(f"import {name}\n") == 1
        assert schema.count(f"CREATE TABLE {name.lower()}_jobs (") == 1
    assert jobgen("types", "--check").code == 0
    for _ in NAMES:
        assert jobgen("undo").code == 0
    assert not (shop / "Web/Worker.py").exists()


def test_ctrl_c_exits_with_130_and_prints_nothing(jobgen: Jobgen, shop: Path) -> None:
    process = subprocess.Popen(
        [str(JOBGEN), "apply", "-"],
        cwd=shop,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdin is not None
    _wait_until_it_reads(process.pid)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert (out, err.strip()) == (b"", b"")


def _wait_until_it_reads(pid: int) -> None:
    """Return once the process sleeps in a read of its standard input."""
    while True:
        stack = Path(f"/proc/{pid}/wchan").read_text()
        call = Path(f"/proc/{pid}/syscall").read_text().split()
        if "pipe" in stack or call[:2] == ["0", "0x0"]:
            return


def test_help_lists_every_command(jobgen: Jobgen) -> None:
    done = jobgen("--help")
    assert done.code == 0
    for name in ("new", "init", "job", "script", "types", "migrate", "undo", "destroy", "apply"):
        assert f"  {name} " in done.out
        assert jobgen(name, "--help").code == 0


def test_closed_pipe_is_not_an_error(shop: Path) -> None:
    command = f"'{JOBGEN}' list | head -1"
    done = subprocess.run(
        ["bash", "-c", command], cwd=shop, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("jobgen de", {"destroy"}),
        ("jobgen ", {"job", "script", "migrate"}),
        ("jobgen job --d", {"--dry-run"}),
    ],
)
def test_shell_completion_offers_commands_and_options(
    shop: Path, words: str, expected: set[str]
) -> None:
    environment = {
        **os.environ,
        "_JOBGEN_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    done = subprocess.run(
        [str(JOBGEN)], cwd=shop, env=environment, capture_output=True, text=True, check=True
    )
    assert expected <= {line.partition(",")[2] for line in done.stdout.splitlines()}
