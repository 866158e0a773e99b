"""Tables to typed records: the text of Generated/Types.py."""

from jobgen.records.names import Clash, RecordClashError
from jobgen.records.render import render_types

__all__ = ["Clash", "RecordClashError", "render_types"]
