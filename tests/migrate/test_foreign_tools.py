"""Advice for projects whose migrations are kept by another tool."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobgen.migrate.difference import Report
from jobgen.migrate.foreign_tools import migration_tool_advice, model_tables_advice
from tests.support.tree import write_tree

INCLUDED = b"from alembic import context\nfrom jobgen_runtime.alembic import include_object\n"


@pytest.mark.parametrize(
    ("files", "expected", "unexpected"),
    [
        ({"alembic.ini": b""}, "op.execute", "RunSQL"),
        ({"alembic.ini": b""}, "include_object", "RunSQL"),
        ({"db/migrations/env.py": b"from alembic import context"}, "include_object", "RunSQL"),
        ({"alembic.ini": b"", "src/app/alembic/env.py": INCLUDED}, "op.execute", "include_object"),
        ({"manage.py": b""}, "migrations.RunSQL", "Alembic"),
        ({"src/manage.py": b""}, "migrations.RunSQL", "Alembic"),
    ],
)
def test_advice_is_for_the_tool_of_the_project(
    tmp_path: Path, files: dict[str, bytes], expected: str, unexpected: str
) -> None:
    write_tree(tmp_path, files)
    advice = migration_tool_advice(tmp_path) or ""
    assert expected in advice
    assert unexpected not in advice


@pytest.mark.parametrize("files", [{}, {"app/env.py": b"DEBUG = True"}])
def test_other_projects_get_no_advice(tmp_path: Path, files: dict[str, bytes]) -> None:
    write_tree(tmp_path, files)
    assert migration_tool_advice(tmp_path) is None


def test_tables_of_models_lead_to_the_setting(tmp_path: Path) -> None:
    reports = [Report("table note", "not in Schema.sql")]
    assert model_tables_advice(tmp_path, reports) is None
    (tmp_path / "requirements.txt").write_text("flask-sqlalchemy\n")
    assert 'schema_source = "database"' in (model_tables_advice(tmp_path, reports) or "")
    assert model_tables_advice(tmp_path, [Report("index a on b", "not in Schema.sql")]) is None
