"""jobgen without the triggers on its table: what the triggers cost, measured by their absence."""

from __future__ import annotations

from benchmarks.queues.server import connect
from benchmarks.queues.systems.jobgen import Jobgen


class JobgenUntriggered(Jobgen):
    """A reference: its worker has to look for jobs by itself."""

    name = "jobgen-untriggered"

    def install(self, url: str, kinds: int) -> None:
        super().install(url, kinds)
        with connect(url) as conn:
            conn.execute("ALTER TABLE noop_jobs DISABLE TRIGGER USER")


SYSTEM = JobgenUntriggered()
