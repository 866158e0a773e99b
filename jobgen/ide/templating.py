"""Render the templates in `templates/`, with autoescaping."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from jobgen.ide.assets import assets
from jobgen.ide.choices import field_name
from jobgen.ide.file_view import diff_lines, side_by_side
from jobgen.ide.job_tables import shown_count


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("jobgen.ide"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        assets=assets(),
        diff_lines=diff_lines,
        field_name=field_name,
        shown_count=shown_count,
        side_by_side=side_by_side,
    )
    return environment


def render(template: str, **values: object) -> str:
    """Render `templates/<template>`."""
    return _environment().get_template(template).render(values)
