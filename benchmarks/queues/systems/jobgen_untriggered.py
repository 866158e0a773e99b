"""jobgen without the triggers on its table, to measure what the triggers cost."""

from __future__ import annotations

from benchmarks.queues.server import connect
from benchmarks.queues.systems.jobgen import Jobgen


class JobgenUntriggered(Jobgen):
    """A reference whose worker has to poll for jobs."""

    name = "jobgen-untriggered"

    def install(self, url: str, kinds: int) -> None:
        """Create the schema in an empty database."""
        super().install(url, kinds)
        with connect(url) as conn:
            conn.execute("ALTER TABLE noop_jobs DISABLE TRIGGER USER")


SYSTEM = JobgenUntriggered()
