"""Roles that own nothing."""

from __future__ import annotations

from collections.abc import Callable

from psycopg.conninfo import make_conninfo

from tests.support.application import Application
from tests.support.rows import Rows

GRANTS_OF_A_WORKER = """
GRANT SELECT, UPDATE ON probe_jobs TO "{0}";
GRANT SELECT, INSERT, UPDATE, DELETE ON job_workers, job_refusals TO "{0}";
GRANT SELECT, DELETE ON job_cancellations TO "{0}";
GRANT SELECT ON job_runtime_schema, job_pauses TO "{0}";
"""


def use_worker_role(app: Application, rows: Rows, make_role: Callable[[], str]) -> str:
    """Let the application connect as a role with the rights of a worker; return its name."""
    role = make_role()
    rows.conn.execute(GRANTS_OF_A_WORKER.format(role).encode())
    app.env["DATABASE_URL"] = make_conninfo(app.env["DATABASE_URL"], user=role)
    return role
