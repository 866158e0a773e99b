"""OpenTelemetry: spans of jobs and of what creates them. Requires the extra `opentelemetry`."""

from __future__ import annotations

from jobgen_runtime.contract.errors import JobgenRuntimeError

try:
    import opentelemetry.trace as _trace  # noqa: F401 -- only to say what is missing
except ImportError as error:
    raise JobgenRuntimeError(
        "jobgen_runtime.telemetry needs the API of OpenTelemetry.",
        hint='Install it: pip install "jobgen-runtime[opentelemetry]"',
    ) from error

from jobgen_runtime.telemetry.enqueues import trace_enqueues
from jobgen_runtime.telemetry.jobs import trace_jobs

__all__ = ["trace_enqueues", "trace_jobs"]
