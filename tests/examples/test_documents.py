"""docs/fastapi.md and docs/flask.md show what is in the examples."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated, Any

import psycopg
import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.testclient import TestClient
from jobgen_runtime import install_schema_sync
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from tests.docs.snippets import FENCE
from tests.support.example import EXAMPLES, Example

DOCS = EXAMPLES.parent / "docs"
WITHOUT_FILE = {
    "fastapi.md": ["# the same, with an AsyncSession", "from jobgen_runtime.database import"],
    "flask.md": [],
}
"""How the snippets begin that are in no file of the example."""


def python_blocks(document: str) -> list[str]:
    text = (DOCS / document).read_text()
    return [match[3] for match in FENCE.finditer(text) if match[1] == "python"]


@pytest.mark.parametrize(
    ("document", "example"), [("fastapi.md", "fastapi_heroes"), ("flask.md", "flask_notes")]
)
def test_snippets_are_in_the_files_that_they_name(document: str, example: str) -> None:
    missing, others = [], []
    for block in python_blocks(document):
        first, _, code = block.partition("\n")
        path = first.removeprefix("# ").removeprefix(f"examples/{example}/")
        if not path.endswith(".py"):
            others.append(first)
        elif code.rstrip("\n") not in (EXAMPLES / example / path).read_text():
            missing.append(first)
    assert not missing
    expected = WITHOUT_FILE[document]
    assert len(others) == len(expected)
    assert all(map(str.startswith, others, expected))


@pytest.fixture
def heroes(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Example]:
    """An example whose modules can be imported, and whose tables exist."""
    example = Example("fastapi_heroes", tmp_path, database)
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(example.root))
    monkeypatch.setenv("DATABASE_URL", example.env["DATABASE_URL"])
    monkeypatch.setenv("SECRET_KEY", example.env["SECRET_KEY"])
    from app.initial_data import (  # type: ignore[import-not-found]
        create_initial_data,
        engine,
    )

    create_initial_data()
    engine.dispose()
    with psycopg.connect(database) as conn:
        install_schema_sync(conn)
        conn.execute((example.root / "schema.sql").read_bytes())
    yield example
    for name in {name for name in sys.modules if name.partition(".")[0] == "app"} - before:
        del sys.modules[name]


def test_route_with_an_async_session_creates_a_job_with_its_hero(heroes: Example) -> None:
    from app.generated.types import WelcomeHeroJob  # type: ignore[import-not-found]
    from app.models import Hero, HeroCreate, HeroPublic  # type: ignore[import-not-found]

    url = make_url(heroes.env["DATABASE_URL"]).set(drivername="postgresql+psycopg")
    names: dict[str, Any] = {
        "AsyncIterator": AsyncIterator,
        "AsyncSession": AsyncSession,
        "Annotated": Annotated,
        "Depends": Depends,
        "WelcomeHeroJob": WelcomeHeroJob,
        **{each.__name__: each for each in (Hero, HeroCreate, HeroPublic)},
        "engine": create_async_engine(url),
        "router": APIRouter(prefix="/heroes"),
    }
    code = python_blocks("fastapi.md")[1]
    assert code.startswith(WITHOUT_FILE["fastapi.md"][0])
    exec(compile(code, "docs/fastapi.md", "exec"), names)  # noqa: S102 -- our own document
    app = FastAPI()
    app.include_router(names["router"])
    hero = {"name": "Deadpond", "secret_name": "Dive Wilson"}
    with TestClient(app, raise_server_exceptions=False) as client:
        created = client.post("/heroes/", json=hero)
        assert created.status_code == 201
        assert client.post("/heroes/", json=hero).status_code == 500
        assert client.portal is not None
        client.portal.call(names["engine"].dispose)
    assert heroes.rows("SELECT hero_id FROM welcome_hero_jobs") == [(created.json()["id"],)]
