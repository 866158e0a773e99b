"""`jobgen build` refuses what it cannot build, and writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobgen.build.programs import script_program
from jobgen.errors import UsageError
from jobgen.project import find_project
from tests.new.projects import Run


@pytest.fixture
def layout() -> str:
    """The layout of the application."""
    return "guide"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["script", "Nothing"], 2, "There is no script Nothing.\nhint: The scripts are CleanUp."),
        (["script"], 2, "Which script?"),
        (["worker"], 2, "There is no program 'worker' to build."),
        (["run-jobs", "CleanUp"], 2, "`jobgen build run-jobs` takes no name."),
        (["run-jobs", "--output", "WorkerMain.py"], 2, "is a file"),
        (
            ["run-jobs", "--output", "WorkerMain.py/bin"],
            1,
            "cannot be written to: Not a directory.",
        ),
    ],
)
def test_what_cannot_be_built_is_refused(
    shop: Path, run: Run, words: list[str], code: int, message: str
) -> None:
    run(shop, "jobgen", "script", "CleanUp")
    assert message in run(shop, "jobgen", "build", *words, code=code).stderr
    assert not (shop / "build").exists()


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("include = 'Web'", 'build.include: it must be a list such as ["Web/Templates/**"].'),
        ("include = ['../secret']", "build.include: ../secret must be below the project's folder"),
        ("includes = []", "build.includes: unknown option; the options are include and exclude."),
        ("include = ['Nothing/**']", "[tool.jobgen.build] include: no file matches 'Nothing/**'."),
    ],
)
def test_invalid_option_is_named(shop: Path, run: Run, option: str, message: str) -> None:
    with (shop / "pyproject.toml").open("a") as config:
        config.write(f"\n[tool.jobgen.build]\n{option}\n")
    assert message in run(shop, "jobgen", "build", code=1).stderr


@pytest.mark.parametrize("name", ["CleanUp", "clean_up"])
def test_script_is_named_as_it_is_called_or_as_its_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.jobgen.paths]\nscript = "{app}/scripts/{name}.py"\n'
    )
    (tmp_path / "web/scripts").mkdir(parents=True)
    (tmp_path / "web/scripts/clean_up.py").write_text("")
    program = script_program(find_project(tmp_path), name)
    assert str(program.path) == "Script/clean_up"
    with pytest.raises(UsageError):
        script_program(find_project(tmp_path), "CleanDown")
