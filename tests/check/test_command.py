"""`jobgen check` on the command line, with a database."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support import forked
from tests.support.database import temporary_database
from tests.support.forked import BIN
from tests.support.tree import SHOP, read_tree, write_tree

EDITORS = Path(__file__).parents[2] / "docs/editors.md"


def run(root: Path, *words: str, code: int, **environment: str) -> subprocess.CompletedProcess[str]:
    command = (str(BIN / "jobgen"), *words)
    variables = {**os.environ, "NO_COLOR": "1", **environment}
    done = forked.run(command, root, variables, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def problems(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the files and the rules that VS Code finds with the task in docs/editors.md."""
    [task] = re.findall(r"```json shown\n(.*?)```", EDITORS.read_text(), re.DOTALL)
    pattern = json.loads(task)["tasks"][0]["problemMatcher"]["pattern"]
    for line in lines:
        if found := re.match(pattern["regexp"], line):
            yield found[pattern["file"]], found[pattern["code"]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with the job Greet."""
    root = write_tree(tmp_path / "shop", SHOP)
    run(root, "job", "Greet", code=0)
    return root


def test_database_is_checked_and_not_changed(root: Path, server_url: str) -> None:
    before = read_tree(root)
    with temporary_database(server_url) as url:
        done = run(root, "check", "--format", "json", code=3, DATABASE_URL=url)
        found = json.loads(done.stdout)["findings"]
        assert {each["rule"] for each in found} == {"database-differs"}
        assert "everything in Application/Schema.sql" in found[-1]["message"]
        run(root, "migrate", "--yes", code=0, DATABASE_URL=url)
        done = run(root, "check", code=0, DATABASE_URL=url)
        assert "No problems found." in done.stderr
        assert read_tree(root) == before
        run(root, "undo", code=0)
        more = run(root, "check", code=3, DATABASE_URL=url).stdout
        assert "Table greet_jobs: not in Schema.sql" in more
        assert "`jobgen migrate --with-drops` shows the SQL that drops it." in more
        nothing = run(root, "migrate", "--check", code=3, DATABASE_URL=url)
        assert "and more. --with-drops shows" in f"{nothing.stdout}{nothing.stderr}"


def test_editors_find_every_problem_with_the_documented_pattern(
    root: Path, server_url: str
) -> None:
    (root / "Web/Job/Greet.py").write_text("class Greet(:\n")
    (root / "Generated/Types.py").write_text("")
    with temporary_database(server_url) as url:
        shown = run(root, "check", code=3, DATABASE_URL=url)
        done = run(root, "check", "--format", "json", code=3, DATABASE_URL=url)
    found = [(each["path"], each["rule"]) for each in json.loads(done.stdout)["findings"]]
    assert {rule for _, rule in found} == {"database-differs", "python-invalid", "types-outdated"}
    assert list(problems(shown.stdout.splitlines())) == found


def test_database_that_does_not_answer_is_not_a_finding(root: Path) -> None:
    url = "postgresql://127.0.0.1:1/none"
    done = run(root, "check", code=0, DATABASE_URL=url)
    assert "Not checked, the database:" in done.stderr
    assert "Traceback" not in done.stderr


def test_fix_shows_its_changes_and_can_be_tried_and_undone(root: Path) -> None:
    (root / "Web/Job/Greet.py").unlink()
    broken = read_tree(root)
    done = run(root, "check", "--fix", "--dry-run", "--diff", "--no-database", code=3)
    assert "-from Web.Job.Greet import Greet" in done.stdout
    assert read_tree(root) == broken
    run(root, "check", "--fix", "--no-database", code=0)
    assert read_tree(root) != broken
    run(root, "undo", code=0)
    assert read_tree(root) == broken
