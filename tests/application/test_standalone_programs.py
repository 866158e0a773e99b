"""Programs that contain Python, run in a root folder with a shell and the C library alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.application.programs import Programs
from tests.support.programs import BUSYBOX, LIBPYTHON, OBJDUMP

pytestmark = pytest.mark.xdist_group("wheels")

COMMANDS = ("gzip", "id", "ln", "mkdir", "rm", "sh", "tail", "tar")
WITHOUT_HOME = 65534
C_LIBRARY = r"/\S*/(?:ld-linux\S*|lib(?:c|dl|m|nsl|pthread|resolv|rt|util)\.so\S*)"


@pytest.fixture(scope="module")
def machine(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A root folder without Python, with the program in a folder whose name has a space."""
    if os.geteuid() != 0:
        pytest.skip("needs root, for chroot")
    for program in (OBJDUMP, LIBPYTHON):
        program.require()
    root = tmp_path_factory.mktemp("machine")
    for folder in ("bin", "tmp", "dev", "an app"):
        (root / folder).mkdir()
    shutil.copy(BUSYBOX.require(), root / "bin/busybox")
    for command in COMMANDS:
        (root / "bin" / command).symlink_to("busybox")
    (root / "tmp").chmod(0o1777)
    (root / "dev/null").touch()  # devices may not be allowed here
    (root / "dev/null").chmod(0o666)
    root.chmod(0o755)
    linked = subprocess.run(("ldd", "/bin/sh"), capture_output=True, text=True, check=True).stdout
    c_library = re.search(r"(/\S*)/libc\.so", linked)
    assert c_library
    for file in (*Path(c_library[1]).glob("lib*.so.?"), *Path("/").glob("lib64/ld-linux*")):
        if re.fullmatch(C_LIBRARY, str(file)):
            target = root / file.relative_to("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
    shutil.copy(programs.folder / "standalone/RunJobs", root / "an app/RunJobs")
    (root / "an app/manage-jobs").symlink_to("RunJobs")
    yield root
    shutil.rmtree(root)


def start(machine: Path, *words: str, code: int = 0, user: int = 0, **variables: str) -> str:
    """Run a program of the other machine, and return what it prints."""
    done = subprocess.run(
        (
            "/usr/sbin/chroot",
            f"--userspec={user}:{user}",
            machine,
            f"/an app/{words[0]}",
            *words[1:],
        ),
        env={"PATH": "/bin", "HOME": "/home/ada", **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stdout
    return done.stdout


def test_standalone_worker_runs_jobs_where_python_is_missing(machine: Path, url: str) -> None:
    socket = Path(str(conninfo_to_dict(url)["host"]), ".s.PGSQL.5432")
    (machine / socket.relative_to("/")).parent.mkdir(parents=True)
    (machine / socket.relative_to("/")).hardlink_to(socket)
    insert = (
        "INSERT INTO email_customers_jobs (note, attempts_count) VALUES ('Ada', 0), ('fail', 99)"
    )
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(insert)
    shown = start(machine, "RunJobs", "--drain", "--processes", "2", code=1, DATABASE_URL=url)
    assert "Hello, Ada" in shown
    with psycopg.connect(url) as conn:
        [error] = conn.execute("SELECT last_error FROM email_customers_jobs WHERE note = 'fail'")
    assert re.search(r'/Web/Job/EmailCustomers.py", line \d+, in perform\n', error[0]), error
    status = start(machine, "manage-jobs", "status", DATABASE_URL=url)
    assert status.startswith("EmailCustomers: 0 waiting, 0 running, 1 succeeded, 1 failed")


def test_first_starts_at_once_unpack_a_standalone_program_once(machine: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        words = ("RunJobs", "--version")
        calls = [
            pool.submit(start, machine, *words, user=WITHOUT_HOME, HOME="/none") for _ in range(3)
        ]
    for call in calls:
        assert call.result().startswith("RunJobs of shop 0.1.0")
    [kept] = machine.glob("tmp/jobgen-65534/RunJobs-*")
    assert kept.is_symlink()
    assert [each.name for each in kept.parent.glob(".*")] == [str(kept.readlink())]
    assert kept.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("problem", "variables"),
    [
        ("/bin cannot be written to: set JOBGEN_CACHE", {"JOBGEN_CACHE": "/bin"}),
        ("there is no folder to unpack into: set JOBGEN_CACHE", {"TMPDIR": "/missing"}),
        ("there is no folder to unpack into: set JOBGEN_CACHE", {"TMPDIR": "/others"}),
        ("are tar and gzip installed?", {"PATH": "/few"}),
    ],
)
def test_standalone_program_says_why_it_cannot_be_unpacked(
    machine: Path, problem: str, variables: dict[str, str]
) -> None:
    (machine / "others/jobgen-1000").mkdir(parents=True, exist_ok=True)
    (machine / "few").mkdir(exist_ok=True)
    for command in set(COMMANDS) - {"tar"}:
        (machine / "few" / command).unlink(missing_ok=True)
        (machine / "few" / command).symlink_to("/bin/busybox")
    shown = start(machine, "RunJobs", "--version", code=1, user=1000, HOME="/none", **variables)
    assert problem in shown
    assert not list((machine / "tmp/jobgen-1000").glob(".*"))


def test_standalone_program_leaves_the_library_path_to_other_programs(machine: Path) -> None:
    start(machine, "RunJobs", "--version")
    [python] = machine.glob("home/ada/.cache/jobgen/.RunJobs-*/python")
    shown = "os.environ['LD_LIBRARY_PATH'], sys.argv, sys.path[0], len(sys.modules)"
    code = f"import os, sys; print({shown})"
    done = subprocess.run(
        (
            "/usr/sbin/chroot",
            machine,
            f"/{python.relative_to(machine)}",
            "-P",
            "-c",
            code,
            "a",
            "b",
        ),
        env={"PATH": "/bin", "LD_LIBRARY_PATH": "/opt/lib"},
        capture_output=True,
        text=True,
        check=True,
    )
    path, rest = done.stdout.split(" ", 1)
    assert path == "/opt/lib"
    assert rest.startswith("['-c', 'a', 'b'] /home/ada/.cache/jobgen/")
    # What later starts need not load or compile.
    assert int(rest.split()[-1]) < 300
    assert list(python.parent.glob("lib/site/jobgen_runtime/__pycache__/*.pyc"))


def test_building_a_standalone_program_without_pyinstaller_says_what_to_install(
    programs: Programs,
) -> None:
    assert "PyInstaller, which is not installed" in programs.without_pyinstaller
    assert "pip install 'jobgen[standalone]'" in programs.without_pyinstaller
