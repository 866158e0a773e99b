"""Renders the block that `jobgen job` appends to Schema.sql."""

from __future__ import annotations

from jobgen.columns.arguments import NewColumn
from jobgen.job_block.context import block_context
from jobgen.job_block.unique import UniqueJob
from jobgen.naming import JobName
from jobgen.render import Template
from jobgen.schema.model import Schema


def render_block(
    template: Template,
    name: JobName,
    columns: tuple[NewColumn, ...],
    schema: Schema,
    unique: UniqueJob | None = None,
) -> str:
    """Return the text that `jobgen job` appends to Schema.sql, with line feeds as line endings."""
    rendered = template.render(block_context(name, columns, schema, unique))
    return "\n".join(content.decode() for content in rendered.values())
