import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from fastapi.testclient import TestClient
from jobgen_runtime import install_schema_sync
from jobgen_runtime.testing.databases import TestDatabases
from sqlalchemy import make_url
from sqlmodel import SQLModel, create_engine

import app.models  # noqa: F401 -- declares the tables

SCHEMA = Path(__file__).parents[1] / "schema.sql"
ADMIN = {"username": "ada", "password": "of a test"}


@pytest.fixture(scope="session")
def jobgen_create_tables() -> Callable[[str], object]:
    """Create the tables of the models, and then those of jobs, which refer to them."""

    def create_tables(url: str) -> None:
        engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
        SQLModel.metadata.create_all(engine)
        engine.dispose()
        with psycopg.connect(url) as conn:
            install_schema_sync(conn)
            conn.execute(SCHEMA.read_bytes())

    return create_tables


@pytest.fixture(scope="session")
def client(jobgen_databases: TestDatabases) -> Iterator[TestClient]:
    """Return a client whose user is logged in. All tests share a database."""
    with jobgen_databases.fresh() as url:
        os.environ |= {"DATABASE_URL": url, "SECRET_KEY": "of tests, and long enough for HS256"}
        os.environ |= {"FIRST_ADMIN": ADMIN["username"], "FIRST_ADMIN_PASSWORD": ADMIN["password"]}
        from app.database import engine
        from app.main import app

        with TestClient(app) as client:
            token = client.post("/token", data=ADMIN).json()["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"
            yield client
        engine.dispose()
