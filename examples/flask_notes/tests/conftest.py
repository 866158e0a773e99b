import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from flask.testing import FlaskClient
from jobgen_runtime import install_schema_sync
from jobgen_runtime.testing.databases import TestDatabases
from werkzeug.security import generate_password_hash

from notes import create_app
from notes.models import User, db

SCHEMA = Path(__file__).parents[1] / "schema.sql"
PASSWORD = "of a test"


@pytest.fixture(scope="session")
def jobgen_create_tables() -> Callable[[str], object]:
    """Create the tables of the models, and then those of jobs, which refer to them."""

    def create_tables(url: str) -> None:
        app = create_app({"SQLALCHEMY_DATABASE_URI": url})
        with app.app_context():
            db.create_all()
            hashed = generate_password_hash(PASSWORD)
            db.session.add(User(username="ada", password=hashed, is_admin=True))
            db.session.add(User(username="bob", password=hashed))
            db.session.commit()
            db.engine.dispose()
        with psycopg.connect(url) as conn:
            install_schema_sync(conn)
            conn.execute(SCHEMA.read_bytes())

    return create_tables


@pytest.fixture(scope="session")
def client(jobgen_databases: TestDatabases) -> Iterator[FlaskClient]:
    """Return a client. All tests share a database."""
    with jobgen_databases.fresh() as url:
        os.environ |= {"DATABASE_URL": url, "SECRET_KEY": "of tests"}
        import worker_main

        yield worker_main.app.test_client()
        with worker_main.app.app_context():
            db.engine.dispose()
