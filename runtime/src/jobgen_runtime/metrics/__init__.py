"""Measure workers and their kinds of job, for Prometheus (`run-jobs --metrics`).

`counts` has what one process has counted, `figures` what the database says about each kind. Only
`exposition` knows the library that writes both as text, and only `--metrics` imports it.
"""

from __future__ import annotations

from jobgen_runtime.metrics.counts import Counts
from jobgen_runtime.metrics.figures import KindFigures
from jobgen_runtime.metrics.process_metrics import ProcessMetrics
from jobgen_runtime.metrics.reading import FIGURES_TIMEOUT, Reading
from jobgen_runtime.metrics.scrape import Scrape

__all__ = ["FIGURES_TIMEOUT", "Counts", "KindFigures", "ProcessMetrics", "Reading", "Scrape"]
