"""A new application installs jobgen's distributions from where jobgen was installed."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from jobgen.project.requirement import RUNTIME, given_requirement, installed_requirement
from tests.new.projects import Run


def requirements(folder: Path) -> list[str]:
    config = tomllib.loads((folder / "pyproject.toml").read_text())
    return list(config["project"]["dependencies"])


def record(folder: Path, direct_url: str | None) -> None:
    """Write the record of an installed distribution like pip does (PEP 376, PEP 610)."""
    info = folder / "jobgen_runtime-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: jobgen-runtime\nVersion: 0.1.0\n")
    if direct_url:
        (info / "direct_url.json").write_text(direct_url)


@pytest.mark.parametrize(
    ("direct_url", "where"),
    [
        (None, ""),
        (
            '{"url": "file://{here}/my%20src", "dir_info": {"editable": true}}',
            " @ file://{here}/my%20src",
        ),
        ('{"url": "file://{here}/a.whl", "archive_info": {}}', " @ file://{here}/a.whl"),
        ('{"url": "file://{here}/gone.whl", "archive_info": {}}', ""),
        (
            '{"url": "https://example.org/jobgen.git", "subdirectory": "runtime", "vcs_info": VCS}',
            " @ git+https://example.org/jobgen.git@abc123#subdirectory=runtime",
        ),
    ],
)
def test_requirement_names_the_origin_of_the_installed_runtime(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, direct_url: str | None, where: str
) -> None:
    (tmp_path / "my src").mkdir()
    (tmp_path / "a.whl").touch()
    vcs = '{"vcs": "git", "commit_id": "abc123"}'
    text = direct_url and direct_url.replace("{here}", str(tmp_path)).replace("VCS", vcs)
    record(tmp_path, text)
    monkeypatch.syspath_prepend(str(tmp_path))
    expected = f"jobgen-runtime[x]{where.replace('{here}', str(tmp_path))}"
    assert installed_requirement(RUNTIME, "[x]") == expected


def test_runtime_path_becomes_a_file_url(tmp_path: Path, run: Run) -> None:
    source = tmp_path / "my runtime"
    source.mkdir()
    (source / "pyproject.toml").touch()
    run(tmp_path, "jobgen", "new", "shop", "--runtime", "my runtime")
    expected = f"jobgen-runtime[binary,dashboard] @ {source.as_uri()}"
    assert expected in requirements(tmp_path / "shop")


def test_runtime_url_is_used_as_it_is() -> None:
    url = "git+https://example.org/jobgen.git#subdirectory=runtime"
    assert given_requirement(RUNTIME, "[x]", url) == f"jobgen-runtime[x] @ {url}"


@pytest.mark.parametrize(
    "where", ["nowhere", ".", "other.whl", 'https://example.org/"x', "https://a b"]
)
def test_invalid_runtime_location_is_refused(tmp_path: Path, run: Run, where: str) -> None:
    (tmp_path / "other.whl").touch()
    done = run(tmp_path, "jobgen", "new", "shop", "--runtime", where, code=2)
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "shop").exists()
