"""The commands that the generator's messages name help where the messages are printed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from jobgen.cli.main import cli
from tests.support.tree import PEP8_SHOP, SHOP, write_tree

NAMED = re.compile(r"(?:`|: )jobgen ([^`\n]+?)(?:`|\.$|$)", re.MULTILINE)
SCHEMA = Path("Application/Schema.sql")


@dataclass(frozen=True)
class Answer:
    """What a command printed, and how it ended."""

    code: int
    text: str

    def commands(self) -> list[str]:
        """Return the commands of jobgen that the text names."""
        return NAMED.findall(self.text)

    @property
    def paste(self) -> str:
        """The text to paste: what stands between empty lines."""
        return self.text.split("\n\n")[1]


Run = Callable[[str], Answer]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run commands of jobgen in the shop, which is the current folder."""
    monkeypatch.chdir(write_tree(tmp_path, SHOP))
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def command(line: str) -> Answer:
        result = CliRunner().invoke(cli, shlex.split(line), standalone_mode=False)
        error = result.exception
        if error is not None and not hasattr(error, "exit_code"):
            raise error
        if error is not None:
            text = f"{result.output}{error}\n{getattr(error, 'hint', '')}"
            return Answer(int(error.exit_code), text)
        return Answer(int(result.return_value or 0), result.output)

    return command


def append(sql: str) -> None:
    SCHEMA.write_text(f"{SCHEMA.read_text()}{sql}\n")


@pytest.mark.parametrize("app", ["", " --app admin"])
def test_other_spelling_of_a_job_names_the_command_for_the_job(run: Run, app: str) -> None:
    write_tree(Path(), PEP8_SHOP)
    run(f"job URLSync{app}")
    refused = run(f"job UrlSync{app}")
    assert refused.code == 1
    [command] = refused.commands()
    assert "Nothing to do" in run(command).text


@pytest.mark.parametrize("by_paste", [True, False])
def test_missing_columns_exist_after_the_steps_of_the_refusal(run: Run, by_paste: bool) -> None:
    run("job Mail")
    Path("Web/Job/Mail.py").write_text("class Mail:\n    mine = 1\n")
    refused = run("job Mail 'n:int=5' 'note:text?' band:references")
    assert refused.code == 1
    column, types = refused.commands()
    if by_paste:
        append(refused.paste)
    assert run(types if by_paste else column).code == 0
    again = run("job Mail 'n:int=5' 'note:text?' band:references")
    assert (again.code, "Nothing to do" in again.text) == (0, True)


def test_differing_column_is_as_wanted_after_the_paste_and_the_named_command(run: Run) -> None:
    run("job Mail a:varchar")
    refused = run("job Mail a:integer=3")
    assert (refused.code, "Nothing to do" in refused.text) == (1, False)
    [command] = refused.commands()
    SCHEMA.write_text(SCHEMA.read_text().replace("a VARCHAR NOT NULL", refused.paste))
    assert run(command).code == 0
    assert "Nothing to do" in run("job Mail a:integer=3").text


def test_edited_table_of_a_destroyed_job_goes_with_its_lines_and_the_named_command(
    run: Run,
) -> None:
    run("job Mail")
    append("ALTER TABLE mail_jobs ADD COLUMN n INT;")
    kept = run("destroy job Mail --yes")
    assert kept.code == 0
    assert "class MailJob" in Path("Generated/Types.py").read_text()
    found = re.search(r"by hand \(([\d, ]+)\)", kept.text)
    assert found
    numbers = set(map(int, found[1].split(", ")))
    lines = SCHEMA.read_text().split("\n")
    first, last = min(numbers) - 1, max(numbers)
    SCHEMA.write_text("\n".join(lines[:first] + lines[last:]))
    [command] = kept.commands()
    assert run(command).code == 0
    assert "class MailJob" not in Path("Generated/Types.py").read_text()


def test_job_in_an_edited_schema_goes_with_the_command_that_undo_names(run: Run) -> None:
    run("job Mail")
    append("CREATE TABLE places (id int);")
    refused = run("undo")
    assert (refused.code, "Not done" in refused.text) == (4, False)
    [command] = [each for each in refused.commands() if each.startswith("destroy")]
    assert run(f"{command} --yes").code == 0
    assert "mail_jobs" not in SCHEMA.read_text()
    assert "CREATE TABLE places" in SCHEMA.read_text()
    assert not Path("Web/Job/Mail.py").exists()


def test_script_of_a_destroyed_job_is_deleted_by_the_named_command(run: Run) -> None:
    run("job GenerateURLs")
    run("script RunGenerateURLsJob")
    destroyed = run("destroy job GenerateURLs --yes")
    [command] = destroyed.commands()
    deleted = run(f"{command} --yes")
    assert (deleted.code, "warning" in deleted.text) == (0, False)
    assert not Path("Application/Script/RunGenerateURLsJob.py").exists()


@pytest.mark.parametrize("name", ["Mail", "GenerateURLs", "generate_urls"])
@pytest.mark.parametrize("app", ["", " --app Admin"])
def test_next_steps_name_the_command_for_a_script_that_creates_the_job(
    run: Run, name: str, app: str
) -> None:
    named = run(f"job {name} note:text{app}").text
    found = re.search(r"\(jobgen (script \w+)\)", named)
    assert found
    assert run(found[1]).code == 0
    [script] = Path("Application/Script").iterdir()
    assert "Job.create(" in script.read_text()


@pytest.mark.parametrize("line", ["destroy job Mail", "destroy script Mail"])
def test_list_that_is_named_for_a_missing_job_or_script_works(run: Run, line: str) -> None:
    run("job Post")
    refused = run(line)
    assert (refused.code, refused.commands()) == (1, ["list"])
    assert "Post" in run("list").text


def test_outdated_types_are_updated_by_the_named_command(run: Run) -> None:
    run("types")
    append("CREATE TABLE places (id int);")
    outdated = run("types --check")
    assert outdated.code == 3
    [command] = outdated.commands()
    assert run(command).code == 0
    assert run("types --check").code == 0


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("Generated/Types.py", "types"),
        ("Web/Job/Mail.py", "job Mail"),
        ("Application/Script/Nightly.py", "script Nightly"),
    ],
)
def test_options_that_are_named_for_a_file_that_differs_resolve_the_conflict(
    run: Run, path: str, line: str
) -> None:
    write_tree(Path(), {path: "mine = 1\n"})
    refused = run(line)
    assert refused.code == 4
    options = re.findall(r"--(?:force|skip)", refused.text)
    assert "--force" in options
    for option in sorted(set(options), reverse=True):
        assert run(f"{line} {option}").code == 0
    assert Path(path).read_text() != "mine = 1\n"


def test_names_that_are_suggested_for_clashing_records_are_accepted(run: Run) -> None:
    append("CREATE TYPE band AS ENUM ('a'); CREATE TABLE records (id int);")
    refused = run("types")
    lines = re.findall(r"\[tool.jobgen.records\] (.+)", refused.text)
    assert len(lines) == 2
    project = Path("pyproject.toml")
    text = project.read_text() + "[tool.jobgen.records]\n" + "\n".join(lines)
    project.write_text(text)
    assert run("types").code == 0


def test_missing_extension_is_created_by_the_named_statement(run: Run) -> None:
    refused = run("job Mail 'place:geometry(Point,4326)' tags:hstore")
    assert refused.code == 2
    for _ in range(2):
        statement = re.search(r"CREATE EXTENSION \w+;", refused.text)
        assert statement
        append(statement[0])
        refused = run("job Mail 'place:geometry(Point,4326)' tags:hstore")
    assert refused.code == 0


def test_table_missing_in_the_database_is_not_reported_as_missing_in_schema_sql(run: Run) -> None:
    project = Path("pyproject.toml")
    project.write_text(f'{project.read_text()}schema_source = "database"\n')
    refused = run("job Mail label:references")
    assert "Schema.sql" not in refused.text
