"""examples/shop is as generated, except for `perform` and the location of jobgen."""

from __future__ import annotations

import re
import shutil
import stat
from pathlib import Path

import psycopg
import pytest

from examples.demo import CUSTOMERS, CUSTOMERS_TABLE, Inbox, mail_server
from tests.new.projects import Run, tree

EXAMPLE = Path(__file__).parents[2] / "examples/shop"
JOB = "Web/Job/EmailCustomers.py"
SCRIPT = "Application/Script/RunEmailCustomersJob.py"
FROM_THE_CHECKOUT = re.compile(rb"\n# uv takes [^\[]*\[tool\.uv\.sources\]\n(?:jobgen.*\n)+")


def test_example_has_the_files_that_the_generator_writes(tmp_path: Path, run: Run) -> None:
    run(tmp_path, "jobgen", "new", "shop")
    shop = tmp_path / "shop"
    with (shop / "Application/Schema.sql").open("a") as schema:
        schema.write(CUSTOMERS_TABLE)
    run(shop, "jobgen", "job", "EmailCustomers")
    run(shop, "jobgen", "script", "RunEmailCustomersJob")
    generated, example = tree(shop), committed(run)

    assert example.pop(JOB).endswith(b"server.send_message(mail)\n")
    assert b'print("Hello World!")' in generated.pop(JOB)
    assert FROM_THE_CHECKOUT.search(example["pyproject.toml"])
    example["pyproject.toml"] = FROM_THE_CHECKOUT.sub(b"", example["pyproject.toml"])
    generated["pyproject.toml"] = re.sub(rb" @ file:[^\"]*", b"", generated["pyproject.toml"])
    assert {path: content.decode() for path, content in example.items()} == {
        path: content.decode() for path, content in generated.items()
    }
    assert (EXAMPLE / SCRIPT).stat().st_mode & stat.S_IXUSR


@pytest.mark.xdist_group("mypy")
def test_example_passes_mypy_strict_and_has_no_local_path(run: Run, mypy_cache: str) -> None:
    run(EXAMPLE, "mypy", "--strict", "--cache-dir", mypy_cache, ".")
    files = committed(run)
    assert files
    for content in files.values():
        assert b"file:" not in content


def committed(run: Run) -> dict[str, bytes]:
    """Return the files of the example, without those that running it creates."""
    created = {"build", "__pycache__", "uv.lock"}
    return {
        path: content
        for path, content in tree(EXAMPLE).items()
        if not created & set(Path(path).parts)
        and (path == ".gitignore" or not path.startswith("."))
    }


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
