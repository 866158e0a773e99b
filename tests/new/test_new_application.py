"""`jobgen new` creates an application that runs at once, or nothing."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.new.projects import Run, tree
from tests.support.process import BIN

FILES = {
    "guide": {
        ".gitignore",
        "AGENTS.md",
        "Application/Schema.sql",
        "Generated/Types.py",
        "Makefile",
        "README.md",
        "Web/FrontController.py",
        "Web/Worker.py",
        "WorkerMain.py",
        "pyproject.toml",
    },
    "pep8": {
        ".gitignore",
        "AGENTS.md",
        "Makefile",
        "README.md",
        "pyproject.toml",
        "schema.sql",
        "shop/__init__.py",
        "shop/generated/__init__.py",
        "shop/generated/types.py",
        "shop/jobs/__init__.py",
        "shop/web.py",
        "shop/worker.py",
        "worker_main.py",
    },
}


def test_new_application_has_the_files_of_its_layout(shop: Path, layout: str) -> None:
    assert set(tree(shop)) == FILES[layout]
    config = tomllib.loads((shop / "pyproject.toml").read_text())
    assert config["project"]["name"] == "shop"
    assert config["tool"]["jobgen"]["application"] == ("Web" if layout == "guide" else "shop")


def test_new_application_can_be_imported_and_its_types_are_up_to_date(
    shop: Path, run: Run, layout: str
) -> None:
    run(shop, "jobgen", "types", "--check")
    main, web = (
        ("WorkerMain", "Web.FrontController") if layout == "guide" else ("worker_main", "shop.web")
    )
    program = f"import {main}, {web}; assert {main}.workers == []; print({web}.app)"
    assert "Starlette" in run(shop, sys.executable, "-c", program).stdout


def test_new_application_inside_a_project_is_created_with_a_warning(shop: Path, run: Run) -> None:
    output = run(shop, "jobgen", "new", "inner")
    assert f"inner is created inside another project, {shop.resolve()}." in output.stderr
    assert (shop / "inner/pyproject.toml").exists()


def test_new_application_has_the_usual_file_modes(shop: Path) -> None:
    (shop.parent / "plain").mkdir()
    (shop.parent / "plain.txt").touch()
    assert shop.stat().st_mode == (shop.parent / "plain").stat().st_mode
    for file in shop.rglob("*"):
        if file.is_file() and ".jobgen" not in file.parts:
            assert file.stat().st_mode == (shop.parent / "plain.txt").stat().st_mode


@pytest.mark.parametrize("option", [[], ["--json"]])
def test_dry_run_of_new_writes_nothing(tmp_path: Path, run: Run, option: list[str]) -> None:
    shown = run(tmp_path, "jobgen", "new", "shop", "--dry-run", "--diff", *option).stdout
    assert "Web/FrontController.py" in shown
    assert list(tmp_path.iterdir()) == []


def test_json_plan_of_new_has_the_contents_that_are_written(tmp_path: Path, run: Run) -> None:
    planned = json.loads(run(tmp_path, "jobgen", "new", "shop", "--json").stdout)
    assert list(tmp_path.iterdir()) == []
    applied = json.loads(run(tmp_path, "jobgen", "new", "shop", "--json", "--yes").stdout)
    assert planned["actions"] == applied["actions"]
    assert planned["generator"] == "new"
    written = {path: content.decode() for path, content in tree(tmp_path / "shop").items()}
    assert {action["path"]: action["after"] for action in planned["actions"]} == written


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "1shop", "my shop", "a/b", ".", "..", "../up", "-shop", "shop-", "sho'p", "a;b"),
        *("café", "🛒", "x" * 300, "jobgen", "jobgen_runtime", "uvicorn"),
    ],
)
def test_invalid_project_name_is_refused(tmp_path: Path, run: Run, name: str) -> None:
    done = run(tmp_path, "jobgen", "new", "--", name, code=2)
    assert "not a valid project name" in done.stderr
    assert "Traceback" not in done.stderr
    assert ("run `jobgen init`" in done.stderr) == (name == ".")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["class", "json", "async", "my-1.import"])
def test_project_name_that_cannot_be_a_package_is_refused_for_pep8(
    tmp_path: Path, run: Run, name: str
) -> None:
    code = 0 if name == "my-1.import" else 2
    run(tmp_path, "jobgen", "new", name, "--layout", "pep8", code=code)
    assert (tmp_path / name).exists() == (code == 0)


@pytest.mark.parametrize("existing", ["file", "folder", "link"])
def test_existing_path_is_refused_and_kept(tmp_path: Path, run: Run, existing: str) -> None:
    shop = tmp_path / "shop"
    if existing == "file":
        shop.write_text("mine")
    elif existing == "folder":
        (shop / "sub").mkdir(parents=True)
    else:
        shop.symlink_to("nowhere")
    done = run(tmp_path, "jobgen", "new", "shop", code=4)
    assert "shop already exists" in done.stderr
    assert os.listdir(tmp_path) == ["shop"]  # noqa: PTH208 -- only names are needed
    assert tree(tmp_path) == ({"shop": b"mine"} if existing == "file" else {})


def test_empty_folder_is_filled(tmp_path: Path, run: Run) -> None:
    (tmp_path / "shop").mkdir()
    run(tmp_path, "jobgen", "new", "shop")
    assert set(tree(tmp_path / "shop")) == FILES["guide"]


def test_read_only_folder_is_refused(tmp_path: Path, run: Run) -> None:
    tmp_path.chmod(0o555)
    try:
        done = run(tmp_path, "jobgen", "new", "shop", code=1)
    finally:
        tmp_path.chmod(0o755)
    assert "read-only" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_new_application_needs_no_git(tmp_path: Path, run: Run) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "jobgen").symlink_to(BIN / "jobgen")
    done = run(tmp_path, str(BIN / "jobgen"), "new", "shop", env={"PATH": str(tools)})
    assert done.stderr == ""
    assert (tmp_path / "shop/WorkerMain.py").exists()


def test_copier_settings_of_the_user_are_ignored(tmp_path: Path, run: Run) -> None:
    (tmp_path / "settings.yml").write_text("defaults: [broken")
    run(
        tmp_path,
        *("jobgen", "new", "shop"),
        env={"COPIER_SETTINGS_PATH": str(tmp_path / "settings.yml")},
    )


def test_undo_removes_all_files(shop: Path, run: Run) -> None:
    run(shop, "jobgen", "undo")
    assert tree(shop) == {}


def test_full_disk_leaves_no_folder_behind(tmp_path: Path, run: Run) -> None:
    """A limit on the size of files acts like a full disk."""
    done = run(tmp_path, "sh", "-c", "ulimit -f 0; exec jobgen new shop", code=None)
    assert done.returncode != 0
    assert list(tmp_path.iterdir()) == []


def test_new_application_has_no_executable_files(shop: Path) -> None:
    programs = [
        path for path in shop.rglob("*") if path.is_file() and path.stat().st_mode & stat.S_IXUSR
    ]
    assert programs == []


def test_killing_make_kills_the_program_that_it_runs(
    shop: Path, environment: dict[str, str]
) -> None:
    (shop / ".venv").symlink_to(BIN.parent, target_is_directory=True)
    [main] = shop.glob("[Ww]orker*ain.py")
    main.write_text("import time\nprint('started', flush=True)\ntime.sleep(600)\n")
    with subprocess.Popen(
        ["make", "worker"],
        cwd=shop,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as make:
        assert make.stdout is not None
        assert make.stdout.readline() == "started\n"
        children = Path(f"/proc/{make.pid}/task/{make.pid}/children")
        [pid] = children.read_text().split()
        assert b"run-jobs" in Path(f"/proc/{pid}/cmdline").read_bytes()
        make.terminate()
        make.stdout.read()  # ends when no process has the pipe open any more
        make.wait()
        assert not Path(f"/proc/{pid}").exists()
