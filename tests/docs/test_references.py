"""Documents refer to files, headings, figures, variables and make targets that exist."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import jobgen_runtime
import pytest

ROOT = Path(__file__).parents[2]
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
README = ROOT / "README.md"
RELIABILITY = ROOT / "docs/reliability.md"
DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "runtime/README.md",
    ROOT / "benchmarks/queues/README.md",
]
FOR_CONTRIBUTORS = [
    CONTRIBUTING,
    ROOT / "docs/architecture.md",
    *sorted((ROOT / "docs/internals").glob("*.md")),
]
PACKAGES = (ROOT, ROOT / "jobgen", ROOT / "runtime/src/jobgen_runtime")
"""The folders that a path in a document for contributors may be relative to."""

APPLICATION = ("Admin/", "Application/", "Generated/", "Web/")
"""Folders of the application that jobgen writes, not of this repository."""

LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)")
FILE = re.compile(r"(?<![\w./{}-])((?:[\w.-]+/)+[\w.-]+\.(?:py|sql|md|toml|jinja|txt|png))\b")
FOLDER = re.compile(r"`((?:[\w.-]+/)+)`")
REPOSITORY_PATH = re.compile(
    r"(?<![\w./-])((?:jobgen|runtime|tests|docs|templates|benchmarks|examples|\.ci)/(?!\.venv)[\w./-]*\w)"
)
OF_APPLICATIONS = "tests/jobs"
"""Where applications have the tests of their jobs."""


def slugs(document: Path) -> set[str]:
    """Return the anchors that GitHub gives the headings of a document."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def table_rows(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        if line.startswith("| "):
            yield [cell.strip(" *") for cell in line.strip("|").split("|")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(document: Path) -> None:
    broken = []
    for target, anchor in LINK.findall(document.read_text()):
        path = document.parent / target if target else document
        if not path.exists() or (anchor and anchor not in slugs(path)):
            broken.append(f"{target}#{anchor}")
    assert not broken


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_paths_in_the_repository_exist(document: Path) -> None:
    text = document.read_text()
    named = [path for path in REPOSITORY_PATH.findall(text) if not path.startswith(OF_APPLICATIONS)]
    # Besides those that the document itself writes.
    named = [path for path in named if "NAME" not in path and f"file={path}" not in text]
    assert not [path for path in named if not (ROOT / path).exists()]


@pytest.mark.parametrize("document", FOR_CONTRIBUTORS, ids=lambda path: str(path.relative_to(ROOT)))
def test_paths_for_contributors_exist(document: Path) -> None:
    text = document.read_text()
    bases = (*PACKAGES, document.parent)
    missing = [
        path
        for path in sorted({*FILE.findall(text), *FOLDER.findall(text)})
        if "NAME" not in path
        and not path.startswith(APPLICATION)
        and not any((folder / path).exists() for folder in bases)
    ]
    assert not missing


def test_readme_repeats_the_figures_of_performance_md() -> None:
    measured: dict[str, list[str]] = {}
    for row in table_rows((ROOT / "docs/performance.md").read_text()):
        measured.setdefault(row[0], row[1:])
    table = README.read_text().partition("| November 2026 |")[2].partition("\n\n")[0]
    rows = [row for row in table_rows(table) if row[1].replace(",", "").isdigit()]
    assert len(rows) == 7
    for name, drain, cpu, pickup in rows:
        key = next(key for key in measured if key and name.startswith(key.partition(" (")[0]))
        assert (drain, cpu, pickup) == (measured[key][0], measured[key][4], measured[key][5])


def test_readme_counts_the_guarantees_and_each_names_a_test() -> None:
    guarantees = [row for row in table_rows(RELIABILITY.read_text()) if row[0] != "guarantee"]
    assert all("tests/" in row[-1] for row in guarantees)
    assert f"{len(guarantees)} guarantees" in README.read_text()


def test_contributing_names_every_variable_that_tests_read() -> None:
    files = [*(ROOT / "tests").rglob("*.py"), ROOT / "Makefile", *(ROOT / ".ci").iterdir()]
    read = {
        name
        for path in files
        if path != Path(__file__)
        for name in re.findall(r"\bJOBGEN_(?:TEST|SOAK)_[A-Z_]+\b", path.read_text())
    }
    assert read
    assert not [name for name in sorted(read) if name not in CONTRIBUTING.read_text()]


def test_contributing_names_make_targets_that_exist() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:`|\$ )make ([a-z][\w-]*)", CONTRIBUTING.read_text()))
    assert named
    assert named <= targets


@pytest.mark.parametrize("package", ["jobgen", "jobgen_runtime"])
def test_architecture_lists_the_layers_that_import_linter_checks(package: str) -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    [layers] = [
        [set(layer.split(" | ")) for layer in contract["layers"]]
        for contract in settings["tool"]["importlinter"]["contracts"]
        if contract.get("containers") == [package]
    ]
    rows = [
        set(re.findall(r"`(\w+)`", row[0]))
        for row in table_rows((ROOT / "docs/architecture.md").read_text())
    ]
    assert layers in [rows[start : start + len(layers)] for start in range(len(rows))]


def test_runtime_md_lists_all_public_names() -> None:
    section = (ROOT / "docs/runtime.md").read_text().partition("## Public names")[2]
    listed = [name for row in table_rows(section) for name in re.findall(r"`(\w+)`", row[0])]
    assert sorted(listed) == sorted(jobgen_runtime.__all__)
