"""Tables to typed records: the text of Generated/Types.py."""

from jobgen.types_file.names import Clash, RecordClashError
from jobgen.types_file.render import render_types

__all__ = ["Clash", "RecordClashError", "render_types"]
