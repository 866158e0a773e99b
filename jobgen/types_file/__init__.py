"""Renders Generated/Types.py: a typed record for each table, and the enums."""

from jobgen.types_file.class_names import Clash, RecordClashError, enum_class_names
from jobgen.types_file.render import WRITTEN_BY, render_types

__all__ = ["WRITTEN_BY", "Clash", "RecordClashError", "enum_class_names", "render_types"]
