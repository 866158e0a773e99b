import os
from collections.abc import Mapping
from typing import Any

import click
from flask import Flask
from flask.cli import with_appcontext

from notes import auth, dashboard, notebook
from notes.models import db


@click.command("create-tables")
@with_appcontext
def create_tables() -> None:
    """Create the tables of the models."""
    db.create_all()


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY=os.environ.get("SECRET_KEY"),
        SQLALCHEMY_DATABASE_URI=os.environ.get("DATABASE_URL"),
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.config.from_mapping(test_config)

    db.init_app(app)
    auth.login_manager.init_app(app)
    app.register_blueprint(auth.bp)
    app.register_blueprint(notebook.bp)
    app.register_blueprint(dashboard.bp)
    app.cli.add_command(create_tables)
    return app
