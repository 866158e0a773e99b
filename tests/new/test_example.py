"""The examples are as generated, except for what a user writes and the location of jobgen."""

from __future__ import annotations

import re
import shutil
import stat
import sys
from pathlib import Path

import psycopg
import pytest

from examples.demo import CUSTOMERS, CUSTOMERS_TABLE, Inbox, mail_server
from tests.new.projects import Run, tree

EXAMPLES = Path(__file__).parents[2] / "examples"
EXAMPLE = EXAMPLES / "shop"
ATTICS = EXAMPLES / "attics"
BANDS_TABLE = """\
CREATE TABLE bands (
    id UUID DEFAULT uuidv7() PRIMARY KEY NOT NULL,
    name TEXT NOT NULL UNIQUE
);
"""
WRITTEN = {
    "Admin/Dashboard/InitialScrape.py",
    "Admin/FrontController.py",
    "Admin/Job/InitialScrape.py",
    "Web/FrontController.py",
}
"""What a user wrote in examples/attics. Its dashboard is that of another application, Admin."""
JOB = "Web/Job/EmailCustomers.py"
TEST = "tests/jobs/test_email_customers_job.py"
SCRIPT = "Application/Script/RunEmailCustomersJob.py"
FROM_THE_CHECKOUT = re.compile(rb"\n# uv takes [^\[]*\[tool\.uv\.sources\]\n(?:jobgen.*\n)+")

LOCATION = re.compile(rb" @ file:[^\"]*")


def test_example_has_the_files_that_the_generator_writes(tmp_path: Path, run: Run) -> None:
    run(tmp_path, "jobgen", "new", "shop")
    shop = tmp_path / "shop"
    with (shop / "Application/Schema.sql").open("a") as schema:
        schema.write(CUSTOMERS_TABLE)
    run(shop, "jobgen", "job", "EmailCustomers")
    run(shop, "jobgen", "script", "RunEmailCustomersJob")
    generated, example = tree(shop), committed(EXAMPLE)

    assert b"monkeypatch" in example.pop(TEST)
    assert b"drain_sync(kinds=[EmailCustomers])" in generated.pop(TEST)
    assert example.pop(JOB).endswith(b"server.send_message(mail)\n")
    assert b'print("Hello World!")' in generated.pop(JOB)
    assert texts(example, FROM_THE_CHECKOUT) == texts(generated, LOCATION)
    assert (EXAMPLE / SCRIPT).stat().st_mode & stat.S_IXUSR


def test_attics_has_the_files_that_the_generator_writes(tmp_path: Path, run: Run) -> None:
    run(tmp_path, "jobgen", "new", "attics")
    attics = tmp_path / "attics"
    with (attics / "Application/Schema.sql").open("a") as schema:
        schema.write(BANDS_TABLE)
    run(attics, "jobgen", "job", "InitialScrape", "band:references", "--app", "Admin")
    generated, example = tree(attics), committed(ATTICS)

    assert example.keys() >= WRITTEN
    for path in WRITTEN:
        del example[path]
        generated.pop(path, None)
    for path, old, new in (
        ("Makefile", b"8000/jobs", b"8000/admin/jobs"),
        ("AGENTS.md", b"`Web/FrontController.py`", b"`Admin/FrontController.py`"),
    ):
        assert old in generated[path]
        generated[path] = generated[path].replace(old, new)
    assert texts(example, FROM_THE_CHECKOUT) == texts(generated, LOCATION)


def texts(files: dict[str, bytes], location: re.Pattern[bytes]) -> dict[str, str]:
    """Return the files as text, without the location of jobgen in pyproject.toml."""
    project, count = location.subn(b"", files["pyproject.toml"])
    assert count
    return {path: each.decode() for path, each in {**files, "pyproject.toml": project}.items()}


@pytest.mark.xdist_group("mypy")
@pytest.mark.parametrize("example", [EXAMPLE, ATTICS], ids=lambda example: example.name)
def test_example_passes_mypy_strict_and_has_no_local_path(
    run: Run, mypy_cache: str, example: Path
) -> None:
    run(example, "mypy", "--strict", "--cache-dir", mypy_cache, ".")
    files = committed(example)
    assert files
    for content in files.values():
        assert b"file:" not in content


def test_attics_passes_pyright_strict(tmp_path: Path, run: Run) -> None:
    for path, content in committed(ATTICS).items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    (tmp_path / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    run(tmp_path, "pyright", "--pythonpath", sys.executable)


def committed(example: Path) -> dict[str, bytes]:
    """Return the files of an example, without those that running it creates."""
    created = {"build", "__pycache__", "uv.lock"}
    return {
        path: content
        for path, content in tree(example).items()
        if not created & set(Path(path).parts)
        and (path == ".gitignore" or not path.startswith("."))
    }


@pytest.mark.parametrize("example", [EXAMPLE, ATTICS], ids=lambda example: example.name)
def test_tests_of_the_example_pass(
    run: Run, tmp_path: Path, server_url: str, example: Path
) -> None:
    folder = tmp_path / "example"
    shutil.copytree(example, folder, ignore=shutil.ignore_patterns(".venv", "build", ".jobgen"))
    done = run(folder, "pytest", "-q", env={"TEST_DATABASE_URL": server_url})
    assert "1 passed" in done.stdout


def test_example_sends_a_mail_to_every_customer(tmp_path: Path, run: Run, database: str) -> None:
    shop = tmp_path / "shop"
    shutil.copytree(EXAMPLE, shop, ignore=shutil.ignore_patterns(".venv", "build", ".jobgen"))
    run(shop, "jobgen", "migrate", "--yes", env={"DATABASE_URL": database})
    with psycopg.connect(database) as conn:
        conn.cursor().executemany(
            "INSERT INTO customers (name, email) VALUES (%s, %s)", list(CUSTOMERS.items())
        )
    inbox = Inbox()
    with mail_server(inbox) as port:
        env = {"DATABASE_URL": database, "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port)}
        run(tmp_path, str(shop / SCRIPT), env=env)
        run(shop, "run-jobs", "--drain", env=env)
    assert sorted(str(mail["To"]) for mail in inbox.mails) == sorted(
        f"{name} <{address}>" for name, address in CUSTOMERS.items()
    )
