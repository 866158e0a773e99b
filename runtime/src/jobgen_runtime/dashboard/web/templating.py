"""Render the templates in `templates/`, with autoescaping."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.dashboard.access.visitor import Right
from jobgen_runtime.dashboard.components import html as components
from jobgen_runtime.dashboard.components.html import Html
from jobgen_runtime.dashboard.components.times import elapsed
from jobgen_runtime.dashboard.lists.columns import RUNTIME_COLUMNS
from jobgen_runtime.dashboard.lists.filters import is_number, is_sortable
from jobgen_runtime.dashboard.web.assets import script, style

INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)


class _Unindented(PackageLoader):
    """Load templates without their indentation, which would be a twentieth of a page."""

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool] | None]:
        source, path, is_current = super().get_source(environment, template)
        return INDENTATION.sub("", source), path, is_current


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=_Unindented("jobgen_runtime.dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        # Else pages look for changed files, and an upgrade mixes two versions in a process.
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        JobStatus=JobStatus,
        Right=Right,
        elapsed=elapsed,
        is_number=is_number,
        is_sortable=is_sortable,
        id_end=components.id_end,
        post_button=components.post_button,
        runtime_columns=RUNTIME_COLUMNS,
        script=script(),
        status_to_badge=components.status_to_badge,
        status_label=components.status_label,
        status_word=components.status_word,
        style=style(),
        time_ago=components.time_ago,
        time_since=components.time_since,
        whole_time=components.whole_time,
    )
    return environment


def render(template: str, **values: object) -> Html:
    """Render `templates/<template>.html`."""
    text = _environment().get_template(f"{template}.html").render(values)
    return Markup(text)  # noqa: S704 -- autoescape is on
