"""Renders Generated/Types.py: a typed record for each table, and the enums."""

from jobgen.types_file.class_names import Clash, RecordClashError
from jobgen.types_file.render import WRITTEN_BY, render_types

__all__ = ["WRITTEN_BY", "Clash", "RecordClashError", "render_types"]
