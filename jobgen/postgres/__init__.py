"""The embedded PostgreSQL server of a project."""

from jobgen.postgres.server import Server, Status
from jobgen.postgres.temporary import temporary_server

__all__ = ["Server", "Status", "temporary_server"]
