"""When recurring jobs are due: `Cron` and `Every`, without a database.

The cron library and the time zones are loaded with the first `Cron`: a project without schedules
does not pay for them.
"""

from __future__ import annotations

from jobgen_runtime.schedule.cron import Cron
from jobgen_runtime.schedule.every import Every
from jobgen_runtime.schedule.recurrence import CatchUp, InvalidSchedule, Recurrence

__all__ = ["CatchUp", "Cron", "Every", "InvalidSchedule", "Recurrence"]
