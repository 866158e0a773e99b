"""The names of spans and attributes: the conventions for messaging, and those of jobgen.

https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/ has the former. They are not
in opentelemetry-api, and the package of the conventions would be one more to install.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version

from opentelemetry import trace

SYSTEM = "messaging.system"
OPERATION_NAME = "messaging.operation.name"
OPERATION_TYPE = "messaging.operation.type"
DESTINATION = "messaging.destination.name"
MESSAGE_ID = "messaging.message.id"
BATCH_COUNT = "messaging.batch.message_count"
CLIENT_ID = "messaging.client.id"
ERROR_TYPE = "error.type"

FUNCTION = "code.function.name"
"""The function that a job runs, where its row names one."""

KIND = "jobgen.kind"
"""The name of the job class."""
ATTEMPT = "jobgen.attempt"
"""The number of the attempt; 1 for the first."""
MAX_ATTEMPTS = "jobgen.max_attempts"
QUEUE_DELAY = "jobgen.queue_delay"
"""Seconds from the job's `run_at` until a worker claimed it."""
OUTCOME = "jobgen.outcome"
"""How the attempt ended, with the words of `job_attempts.outcome`."""
IS_FINAL = "jobgen.is_final"
"""Whether no attempt follows."""
CREATED = "jobgen.created"
"""Whether a job was created; False if `get_or_create` or `update_or_create` found one."""


def span_name(operation: str, table: str) -> str:
    """Return the name of a span: the operation, and the destination."""
    return f"{operation} {table}"


def common_attributes(operation: str, table: str) -> Mapping[str, str]:
    """Return the attributes that every span has.

    Args:
        operation: "send" or "process", which are names of operations and types of them.
        table: The qualified name of the job table: the one thing that both sides know.
    """
    return {
        SYSTEM: "jobgen",
        DESTINATION: table,
        OPERATION_NAME: operation,
        OPERATION_TYPE: operation,
    }


def make_tracer(provider: trace.TracerProvider | None) -> trace.Tracer:
    """Return the tracer of this package.

    Args:
        provider: Where spans go; None for the global provider, which may be set up later.
    """
    return trace.get_tracer(
        "jobgen_runtime.telemetry", version("jobgen-runtime"), tracer_provider=provider
    )
