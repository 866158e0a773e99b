"""An application whose processes write their spans to files."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any

import psycopg

from jobgen.schema.parse.reader import read_schema
from jobgen.types_file import render_types
from tests.support.application import Application
from tests.support.schema import APP_SCHEMA

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE_ID, SPAN_ID = TRACEPARENT.split("-")[1:3]

ADD_TRACEPARENT = "ALTER TABLE probe_jobs ADD COLUMN traceparent TEXT;\n"

SETTINGS = """
import os

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter

file = open(f"spans-{os.getpid()}.jsonl", "w")
exporter = ConsoleSpanExporter(out=file, formatter=lambda span: span.to_json(indent=None) + "\\n")
provider = TracerProvider()
# Spans are written when the process exits, unless it runs for an hour.
provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=3_600_000))
trace.set_tracer_provider(provider)
"""
"""The module `settings`, which each process of the application imports first."""

TRACED_STATEMENTS = """
from psycopg import AsyncConnection, AsyncCursor


class TracedCursor(AsyncCursor):
    async def execute(self, query, *arguments, **options):
        with trace.get_tracer("driver").start_as_current_span(f"execute {query}"):
            return await super().execute(query, *arguments, **options)


connect = AsyncConnection.connect
AsyncConnection.connect = lambda *arguments, **options: connect(
    *arguments, **{"cursor_factory": TracedCursor, **options}
)
"""
"""More of `settings`: spans of statements, as OpenTelemetry's PsycopgInstrumentor makes them."""


def trace_to_files(app: Application, conn: psycopg.Connection[Any]) -> None:
    """Give probe_jobs a column `traceparent`, and the application an exporter and the hook."""
    conn.execute(ADD_TRACEPARENT.encode())
    path = PurePosixPath("Application/Schema.sql")
    schema = read_schema(APP_SCHEMA + ADD_TRACEPARENT, path)
    app.write("Generated/Types.py", render_types(schema, overrides={}, schema_path=str(path)))
    app.write("settings.py", SETTINGS)
    app.write("pyproject.toml", "[tool.jobgen]\nsetup = 'settings'\n")
    main = app.root / "WorkerMain.py"
    hook = "from jobgen_runtime.telemetry import trace_jobs\n\naround = [trace_jobs()]\n"
    main.write_text(main.read_text() + hook)


def read_spans(folder: Path) -> list[dict[str, Any]]:
    """Return the spans of all processes that have exited, in the order of their starts."""
    lines = [line for file in folder.glob("spans-*.jsonl") for line in file.read_text().split("\n")]
    return sorted((json.loads(line) for line in lines if line), key=lambda each: each["start_time"])
