"""The generator and the runtime read a project's text files alike, however they were saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from jobgen_runtime.contract.errors import ProjectError
from jobgen_runtime.database import database_url
from jobgen_runtime.project import load_file, read_config, require_root

from jobgen.errors import JobgenError
from jobgen.generate.init import make_plan
from jobgen.generate.inputs import database_urls
from jobgen.migrate.schema_file import read_schema_file
from jobgen.project import find_project
from jobgen.project.existing import read_existing
from jobgen.registration.entries import ListEntry, RegistrationTarget, register_entry
from jobgen.render.questions import read_defaults
from jobgen.schema.load import decode_schema
from tests.support.tree import write_tree

SAVED: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "byte order mark and CRLF": lambda text: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(),
}
saved_in_every_way = pytest.mark.parametrize("saved", SAVED.values(), ids=SAVED.keys())

CONFIG = '[tool.jobgen]\napplication = "Shop"\nsource = "src"\n'
SCHEMA = PurePosixPath("Schema.sql")
URL = "postgresql:///shop?host=/sockets"


@saved_in_every_way
def test_generator_and_runtime_read_the_same_pyproject(
    tmp_path: Path, saved: Callable[[str], bytes]
) -> None:
    write_tree(tmp_path, {"pyproject.toml": saved(CONFIG)})
    project = find_project(tmp_path)
    config = read_config(require_root(tmp_path))
    assert (project.application, str(project.source)) == ("Shop", "src")
    assert (config.application, config.source, config.paths) == (
        project.application,
        project.source,
        project.paths,
    )


@saved_in_every_way
def test_generator_and_runtime_read_the_same_database_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saved: Callable[[str], bytes]
) -> None:
    files = {"pyproject.toml": CONFIG.encode(), ".jobgen/database_url": saved(f"{URL}\n")}
    monkeypatch.chdir(write_tree(tmp_path, files))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert database_urls(tmp_path) == (URL,)
    assert database_url() == URL


@saved_in_every_way
def test_schema_is_read_the_same_for_plans_and_for_migrations(
    tmp_path: Path, saved: Callable[[str], bytes]
) -> None:
    content = saved("CREATE TABLE bands (\n    name TEXT -- größer\n);\n")
    write_tree(tmp_path, {str(SCHEMA): content})
    text = read_schema_file(tmp_path, SCHEMA).text
    assert text.startswith("CREATE TABLE")
    assert decode_schema(content, SCHEMA) == text


@saved_in_every_way
def test_python_files_are_registered_in_and_run(
    tmp_path: Path, saved: Callable[[str], bytes]
) -> None:
    content = saved("from bands import Größe\n\nworkers = [Größe]\n")
    registered = register_entry(content, RegistrationTarget.WORKERS, ListEntry("shapes", "Shape"))
    assert registered.startswith(content[:3])
    assert registered.count(b"\r\n") == (registered.count(b"\n") if b"\r" in content else 0)
    write_tree(tmp_path, {"alone.py": saved("size = 'größer'\n")})
    assert load_file(tmp_path / "alone.py").size == "größer"


@saved_in_every_way
def test_dependency_is_found_in_the_first_line_of_requirements(
    tmp_path: Path, saved: Callable[[str], bytes]
) -> None:
    write_tree(tmp_path, {"requirements.txt": saved("jobgen-runtime\nflask\n")})
    assert read_existing(tmp_path).depends_on_runtime


@pytest.mark.parametrize(
    ("file", "read"),
    [
        ("pyproject.toml", find_project),
        ("pyproject.toml", require_root),
        (".jobgen/database_url", database_urls),
        (".jobgen/database_url", lambda _root: database_url()),
        (str(SCHEMA), lambda root: read_schema_file(root, SCHEMA)),
        (str(SCHEMA), lambda root: decode_schema((root / SCHEMA).read_bytes(), SCHEMA)),
        ("copier.yml", read_defaults),
    ],
    ids=[
        "pyproject by generator",
        "pyproject by runtime",
        "address by generator",
        "address by runtime",
        "schema by migrate",
        "schema by plans",
        "questions of a template",
    ],
)
def test_text_that_is_not_utf_8_is_refused_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, read: Callable[[Path], object]
) -> None:
    files = {"pyproject.toml": CONFIG.encode(), file: CONFIG.encode() + b'name = "Gr\xf6\xdfe"\n'}
    monkeypatch.chdir(write_tree(tmp_path, files))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises((JobgenError, ProjectError)) as caught:
        read(tmp_path)
    error = caught.value
    assert isinstance(error, JobgenError | ProjectError)
    assert f"{file}:4: This is not UTF-8 (byte 0xf6)." in error.message
    assert error.hint == "Save the file as UTF-8."


def test_pyproject_in_utf_16_is_refused_by_generator_and_runtime(tmp_path: Path) -> None:
    write_tree(tmp_path, {"pyproject.toml": CONFIG.encode("utf-16")})
    message = r"pyproject\.toml:1: This is not UTF-8"
    with pytest.raises(JobgenError, match=message):
        find_project(tmp_path)
    with pytest.raises(ProjectError, match=message):
        require_root(tmp_path)


@saved_in_every_way
def test_questions_of_a_template_are_read(tmp_path: Path, saved: Callable[[str], bytes]) -> None:
    write_tree(tmp_path, {"copier.yml": saved("greeting: größer\nname: shop\n")})
    assert read_defaults(tmp_path) == {"greeting": "größer", "name": "shop"}


def test_init_refuses_a_pyproject_that_is_not_utf_8(tmp_path: Path) -> None:
    write_tree(tmp_path, {"pyproject.toml": b'[project]\nname = "Gr\xf6\xdfe"\n'})
    [issue] = make_plan(tmp_path).issues
    assert issue.message == "pyproject.toml:2: This is not UTF-8 (byte 0xf6)."
    assert issue.hint == "Save the file as UTF-8."
