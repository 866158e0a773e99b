"""Show a job's error in the debugger."""

from __future__ import annotations

import pdb
from pathlib import Path
from types import TracebackType

_PACKAGE_FOLDER = str(Path(__file__).parent.parent)


def debug(error: BaseException) -> None:
    """Start the debugger at the place that raised the error, with the job's frames only."""
    trace = error.__traceback__
    pdb.post_mortem(job_frames(trace) or trace)


def job_frames(trace: TracebackType | None) -> TracebackType | None:
    """Return the part of a traceback that begins in the job's code; None if there is none."""
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_PACKAGE_FOLDER):
        trace = trace.tb_next
    return trace
