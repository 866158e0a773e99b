"""Where things are: `[tool.jobgen]`, path patterns, and the project read once."""

from jobgen.project.config import CONFIG, find_project, project_of
from jobgen.project.found import FoundFile
from jobgen.project.paths import GUIDE, PEP8, Paths, fill
from jobgen.project.project import Project, same_name
from jobgen.project.snapshot import Snapshot, read_snapshot

__all__ = [
    "CONFIG",
    "GUIDE",
    "PEP8",
    "FoundFile",
    "Paths",
    "Project",
    "Snapshot",
    "fill",
    "find_project",
    "project_of",
    "read_snapshot",
    "same_name",
]
