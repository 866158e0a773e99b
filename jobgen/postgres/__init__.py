"""The PostgreSQL of a project: its own server, temporary servers, and the programs of both."""

from jobgen.postgres.binaries import Binaries
from jobgen.postgres.client import address_parts, client_arguments
from jobgen.postgres.extensions import missing_extension_hint, missing_feature_hint
from jobgen.postgres.project_binaries import project_binaries
from jobgen.postgres.server import Server, Status
from jobgen.postgres.temporary import scratch_server, temporary_server

__all__ = [
    "Binaries",
    "Server",
    "Status",
    "address_parts",
    "client_arguments",
    "missing_extension_hint",
    "missing_feature_hint",
    "project_binaries",
    "scratch_server",
    "temporary_server",
]
