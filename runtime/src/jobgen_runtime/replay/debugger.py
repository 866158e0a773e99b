"""Show a job's error in the debugger."""

from __future__ import annotations

import pdb
from pathlib import Path
from types import TracebackType

_PACKAGE_FOLDER = str(Path(__file__).parent.parent)


def debug(error: BaseException) -> None:
    """Start the debugger at the place that raised the error, with the job's frames only."""
    trace = error.__traceback__
    pdb.post_mortem(_from_first_frame_of_the_job(trace) or trace)


def _from_first_frame_of_the_job(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_PACKAGE_FOLDER):
        trace = trace.tb_next
    return trace
