"""Everything about a project in one value, for `jobgen info`, pages and agents. Read-only."""

from jobgen.info.model import (
    ColumnInfo,
    DatabaseInfo,
    JobInfo,
    ProjectInfo,
    TableInfo,
    Versions,
)
from jobgen.info.read import read_info

__all__ = [
    "ColumnInfo",
    "DatabaseInfo",
    "JobInfo",
    "ProjectInfo",
    "TableInfo",
    "Versions",
    "read_info",
]
