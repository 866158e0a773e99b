"""An empty database after `jobgen migrate` is what psql makes of the same file, kind by kind.

All parts of the torture schema are one Schema.sql, because a command takes a second and there are a
hundred of them; a test's name says in which part a difference is. `-k NAME` runs the parts of that
name alone. Each kind of server is started once, for this file only.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.migrate.command_line import Result, jobgen, make_project
from tests.migrate.dump import dump, entries, run_psql
from tests.migrate.once import Once, chosen
from tests.migrate.servers import create_database, create_roles, install_runtime, server, version_of
from tests.migrate.torture.parts import ROLES, Part, joined, read_parts

KINDS = ("embedded", "old")
GROUP = {kind: pytest.mark.xdist_group(f"torture-{kind}") for kind in KINDS}
CASES = {
    "after migrate": ("migrate", "its own file"),
    "after psql": ("psql", "its own file"),
    "against its own dump": ("psql", "its own dump"),
    "with owners, grants and comments": ("psql", "its own dump", "--also=owners,grants,comments"),
}
"""What made the database, what it is compared with, and the options, by the name of the case."""


@dataclass
class Outcome:
    """The results of the parts on one server.

    Attributes:
        by_psql: The dump's entries after psql ran the file, and the runtime's schema.
        by_migrate: The same after `jobgen migrate --yes` in an empty database.
        checks: The result of `jobgen migrate --check` by the name of the case.
    """

    migrated: Result
    by_psql: dict[str, str]
    by_migrate: dict[str, str]
    checks: dict[str, Result] = field(default_factory=dict)


def _examine(url: str, parts: list[Part], folder: Path) -> Outcome:
    create_roles(url, ROLES)
    project = make_project(folder, joined(parts))
    by_psql = create_database(url, "by_psql")
    run_psql(by_psql, "-f", str(project / "Application/Schema.sql"))
    own_dump = make_project(folder / "own_dump", dump(by_psql))
    install_runtime(by_psql)
    by_migrate = create_database(url, "by_migrate")
    migrated = jobgen(project, "migrate", "--yes", url=by_migrate)
    outcome = Outcome(migrated, entries(by_psql), entries(by_migrate))
    projects = {"its own file": project, "its own dump": own_dump}
    databases = {"migrate": by_migrate, "psql": by_psql}
    for case, (made_by, compared_with, *options) in CASES.items():
        arguments = ("migrate", "--check", *options)
        checked = jobgen(projects[compared_with], *arguments, url=databases[made_by])
        outcome.checks[case] = checked
    return outcome


@pytest.fixture(scope="module")
def outcome_of(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Outcome]]:
    """Return a function from a kind of server to the outcome of all parts that are tested."""
    tested = chosen(request.session, "part")
    with ExitStack() as stack:

        def examine(kind: str) -> Outcome:
            parts = [part for part in PARTS[kind] if part in tested] or PARTS[kind]
            folder = tmp_path_factory.mktemp(kind)
            return _examine(stack.enter_context(server(kind)), parts, folder)

        yield Once(examine)


VERSIONS = {kind: version_of(kind) for kind in KINDS}
PARTS = {
    kind: [part for part in read_parts() if part.oldest <= version]
    for kind, version in VERSIONS.items()
}
each_part = pytest.mark.parametrize(
    ("kind", "part"),
    [
        pytest.param(kind, part, id=f"{part.name}-{kind}", marks=GROUP[kind])
        for kind in KINDS
        for part in PARTS[kind]
    ],
)
each_check = pytest.mark.parametrize(
    ("kind", "case"),
    [
        pytest.param(kind, case, id=f"{case}-{kind}", marks=GROUP[kind])
        for kind in KINDS
        for case in CASES
    ],
)


def _check_equal(expected: dict[str, str], found: dict[str, str]) -> None:
    before, after = (
        "\n".join(f"{header}\n{text}" for header, text in sorted(dumped.items())).splitlines()
        for dumped in (expected, found)
    )
    difference = list(difflib.unified_diff(before, after, "psql", "jobgen migrate", "", "", 2))
    assert not difference, "\n".join(difference)


def _of(part: Part, dumped: dict[str, str]) -> dict[str, str]:
    return {
        header: text
        for header, text in dumped.items()
        if header.endswith(f"Schema: {part.name}") or part.is_named_in(text)
    }


@each_part
def test_migrate_of_an_empty_database_equals_psql(
    outcome_of: Callable[[str], Outcome], kind: str, part: Part
) -> None:
    outcome = outcome_of(kind)
    assert outcome.migrated.code == 0, outcome.migrated.stderr
    expected = _of(part, outcome.by_psql)
    assert expected
    _check_equal(expected, _of(part, outcome.by_migrate))


@each_part
def test_check_reports_no_difference_in_the_part(
    outcome_of: Callable[[str], Outcome], kind: str, part: Part
) -> None:
    for case, result in outcome_of(kind).checks.items():
        assert result.code in (0, 3), result.stderr
        named = [line for line in result.output.splitlines() if part.is_named_in(line)]
        assert named == [], case


@each_check
def test_check_of_all_parts_finds_nothing_to_do(
    outcome_of: Callable[[str], Outcome], kind: str, case: str
) -> None:
    result = outcome_of(kind).checks[case]
    assert (result.code, result.stderr.count("\n-- ")) == (0, 0), result.output


@pytest.mark.parametrize("kind", [pytest.param(kind, marks=GROUP[kind]) for kind in KINDS])
def test_migrate_of_all_parts_equals_psql(outcome_of: Callable[[str], Outcome], kind: str) -> None:
    outcome = outcome_of(kind)
    _check_equal(outcome.by_psql, outcome.by_migrate)
