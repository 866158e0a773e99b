"""Workers with a metrics endpoint, and their metrics as Prometheus reads them."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.support.application import Application
from tests.support.process import Process
from tests.support.waiting import TIMEOUT, wait_for


class Metrics:
    """The samples of one scrape."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.families: list[Metric] = list(text_string_to_metric_families(text))
        self._samples = {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in self.families
            for sample in family.samples
        }
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        assert len(lines) == len(self._samples), "a sample occurs twice"

    def get(self, name: str, **labels: str) -> float | None:
        """Return the value of a sample, or None if it is not there."""
        return self._samples.get((name, tuple(sorted(labels.items()))))

    def labels(self) -> dict[str, set[str]]:
        """Return the labels of each metric, by the name of its samples."""
        found: dict[str, set[str]] = {}
        for name, labels in self._samples:
            found.setdefault(name, set()).update(label for label, _ in labels)
        return found


def start_with_metrics(app: Application, *options: str) -> tuple[Process, str]:
    """Start a worker, and return it with the address of its metrics."""
    worker = app.start("run-jobs", "--metrics", "0", *options)
    line = worker.wait_for_start("metrics endpoint listening on ")
    return worker, line.rpartition("listening on ")[2]


def scrape(url: str) -> Metrics:
    """Return what the endpoint reports now."""
    with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:  # noqa: S310 -- a local server
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        return Metrics(answer.read().decode())


def wait_for_metrics(url: str, condition: Callable[[Metrics], bool]) -> Metrics:
    """Scrape until the condition is true; return the metrics of that scrape."""
    scraped: list[Metrics] = []

    def is_met() -> bool:
        scraped[:] = [scrape(url)]
        return condition(scraped[0])

    wait_for(is_met, lambda: f"the condition, in\n{scraped[0].text}", interval=0.1)
    return scraped[0]
