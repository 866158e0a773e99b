"""Schema.sql is only appended to, in its own line ends, or refused with the line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobgen.plan.model import IssueKind
from tests.generate.projects import after, apply, destroy_job, job, messages, operations, types
from tests.support.tree import SCHEMA, SHOP, read_tree, write_tree

PATH = "Application/Schema.sql"
PG_DUMP = """\
--
-- PostgreSQL database dump
--

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

CREATE TABLE public.bands (
    id uuid NOT NULL
);

ALTER TABLE ONLY public.bands ADD CONSTRAINT bands_pkey PRIMARY KEY (id);

COPY public.bands (id) FROM stdin;
00000000-0000-0000-0000-000000000000
\\.

"""
FUNCTIONS = """\
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE NOTICE 'CREATE TABLE others (';  -- ;
    RETURN NEW;
END $$;
CREATE EXTENSION IF NOT EXISTS pgcrypto;
CREATE POLICY p ON bands USING (true);
CREATE TABLE events (at DATE NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
"""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "-- nothing yet",
        SCHEMA,
        SCHEMA.rstrip("\n"),
        SCHEMA.replace(";", ""),
        SCHEMA.replace(";", "").rstrip(),
        SCHEMA.rstrip() + " -- the end",
        SCHEMA.replace(";", "") + "-- the end;",
        SCHEMA + "/* the end; */",
        SCHEMA + "\n\n\n",
        SCHEMA.replace("\n", "\r\n"),
        SCHEMA.replace("\n", "\r\n").rstrip(),
        "\ufeff" + SCHEMA,
        "\ufeff",
        PG_DUMP,
        SCHEMA + FUNCTIONS,
        "\\set x 1\n" + SCHEMA + "\\echo done\n",
        SCHEMA + "ALTER TABLE bands ADD COLUMN label TEXT;\n",
    ],
)
def test_block_is_appended_and_the_rest_of_the_file_kept(tmp_path: Path, text: str) -> None:
    root = write_tree(tmp_path, {**SHOP, PATH: text})
    plan = apply(root, job(root, "EmailCustomers", "note:text?"))
    appended = (root / PATH).read_bytes().decode()
    assert appended.startswith(text)
    assert "CREATE TABLE email_customers_jobs (" in appended[len(text) :]
    if "\r\n" in text:
        assert appended.count("\n") == appended.count("\r\n")
    assert "EmailCustomersJob" in after(plan, "Generated/Types.py")
    assert types(root).pending == ()
    assert job(root, "EmailCustomers", "note:text?").pending == ()
    apply(root, destroy_job(root, "EmailCustomers"))
    assert (root / PATH).read_bytes().decode().rstrip("\r\n;") == text.rstrip("\r\n;")


def test_missing_schema_file_is_created_with_a_warning(tmp_path: Path) -> None:
    root = write_tree(tmp_path, {"pyproject.toml": SHOP["pyproject.toml"]})
    plan = job(root, "EmailCustomers")
    assert plan.issues == ()
    assert operations(plan)[PATH] == "create"
    assert f"{PATH} did not exist" in str(plan.warnings)
    assert after(plan, PATH).startswith("CREATE TABLE")


def test_schema_file_that_is_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "shop", SHOP)
    (root / PATH).rename(tmp_path / "Schema.sql")
    (root / PATH).symlink_to("../../Schema.sql")
    apply(root, job(root, "EmailCustomers"))
    assert (root / PATH).is_symlink()
    assert "email_customers_jobs" in (tmp_path / "Schema.sql").read_text()


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("SELECT 1;\nCREATE TABEL x ();\n", 2, "TABEL"),
        ("SELECT 1;\r\n\r\nCREATE TABLE x (\r\n", 3, ""),
        ("\ufeffCREATE TABLE bands (;\n", 1, "CREATE TABLE bands (;"),
    ],
)
def test_syntax_error_is_an_issue_with_its_line(
    tmp_path: Path, text: str, line: int, reason: str
) -> None:
    root = write_tree(tmp_path, {**SHOP, PATH: text})
    before = read_tree(root)
    plan = job(root, "EmailCustomers")
    assert [issue.kind for issue in plan.issues] == [IssueKind.PROJECT]
    assert plan.issues[0].line in {line, line + 1}
    assert plan.issues[0].message.startswith(f"{PATH}:{plan.issues[0].line}:")
    assert reason in plan.issues[0].message
    assert plan.pending == ()
    assert read_tree(root) == before


@pytest.mark.parametrize("kind", ["folder", "not utf-8", "fifo"])
def test_schema_path_that_is_not_a_text_file_is_an_issue(tmp_path: Path, kind: str) -> None:
    root = write_tree(tmp_path, SHOP)
    (root / PATH).unlink()
    if kind == "folder":
        (root / PATH).mkdir()
    elif kind == "fifo":
        os.mkfifo(root / PATH)
    else:
        (root / PATH).write_bytes(b"-- one\n-- caf\xe9\n")
    plan = job(root, "EmailCustomers")
    assert plan.pending == ()
    assert PATH in messages(plan)
    if kind == "not utf-8":
        assert f"{PATH}:2" in messages(plan)


def test_syntax_newer_than_the_parser_is_read_by_a_server(
    tmp_path: Path, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", server_url)
    newest = (
        "CREATE TABLE rooms (id INT PRIMARY KEY, price INT NOT NULL,"
        " twice INT GENERATED ALWAYS AS (price * 2) VIRTUAL);\n"
        "CREATE TABLE lets (room INT REFERENCES rooms (id) NOT ENFORCED);\n"
    )
    root = write_tree(tmp_path, {**SHOP, PATH: newest})
    plan = apply(root, job(root, "EmailCustomers", "room:references"))
    assert "room_id: Required[int]" in after(plan, "Generated/Types.py")
    assert "class Let(Record)" in after(plan, "Generated/Types.py")
    assert types(root).pending == ()


def test_schema_of_40000_lines_is_read_and_appended_to(tmp_path: Path) -> None:
    columns = "".join(f"    column_{number} TEXT,\n" for number in range(18))
    text = "".join(f"CREATE TABLE t{n} (\n{columns}    id INT\n);\n" for n in range(2000))
    assert text.count("\n") > 40_000
    root = write_tree(tmp_path, {**SHOP, PATH: text})
    apply(root, job(root, "EmailCustomers"))
    assert types(root).pending == ()
