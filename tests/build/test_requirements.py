"""Which distributions a built program contains."""

from __future__ import annotations

import pytest

from jobgen.build.requirements import declared_requirements, needed


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (["jobgen-runtime[binary]", "httpx>=0.28"], ("jobgen-runtime[binary]", "httpx>=0.28")),
        (
            ["jobgen-runtime[binary,dashboard] @ file:///srv/x"],
            ("jobgen-runtime[binary,dashboard]",),
        ),
        (
            ["Jobgen_Runtime @ git+https://e/r ; python_version > '3'"],
            ("Jobgen_Runtime ; python_version > '3'",),
        ),
        (["httpx"], ("httpx", "jobgen-runtime")),
    ],
)
def test_declared_dependencies_are_taken_as_they_are_installed(
    declared: list[str], expected: tuple[str, ...]
) -> None:
    assert declared_requirements({"project": {"dependencies": declared}}) == expected


@pytest.mark.parametrize("pyproject", [{}, {"project": {}}, {"project": {"dependencies": "x"}}])
def test_project_without_a_list_of_dependencies_declares_none(pyproject: dict[str, object]) -> None:
    assert declared_requirements(pyproject) is None


def test_installed_distributions_are_taken_without_jobgen_and_what_only_it_needs() -> None:
    installed = {
        "pip": [],
        "jobgen": ["jobgen-runtime[binary]==0.1.0", "click>=8", "copier"],
        "copier": ["click"],
        "click": [],
        "jobgen_runtime": ["psycopg>=3.2", "jinja2; extra == 'dashboard'"],
        "psycopg": ["typing_extensions"],
        "typing.extensions": [],
        "Jinja2": [],
        "Flask": ["click"],
    }
    assert needed(installed) == (
        "click",
        "flask",
        "jinja2",
        "jobgen-runtime",
        "psycopg",
        "typing-extensions",
    )
