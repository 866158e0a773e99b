"""The project as the generator knows it: its configuration, its paths, and its files read once.

The parts that the runtime has to know as well come from `jobgen_runtime.project`.
"""

from jobgen_runtime.project import CONFIG_FILE, GUIDE, PEP8, Paths, fill

from jobgen.project.config import find_project, postgres_bin, project_folder, project_of
from jobgen.project.errors import project_errors
from jobgen.project.find_files import FoundFile
from jobgen.project.project import Project, same_name
from jobgen.project.snapshot import Snapshot, read_snapshot

__all__ = [
    "CONFIG_FILE",
    "GUIDE",
    "PEP8",
    "FoundFile",
    "Paths",
    "Project",
    "Snapshot",
    "fill",
    "find_project",
    "postgres_bin",
    "project_errors",
    "project_folder",
    "project_of",
    "read_snapshot",
    "same_name",
]
