"""Renders the templates in `templates/`, everything escaped."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from jobgen_runtime.contract import JobStatus
from jobgen_runtime.dashboard import html as pieces
from jobgen_runtime.dashboard.assets import style
from jobgen_runtime.dashboard.html import Html
from jobgen_runtime.dashboard.times import duration


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("jobgen_runtime.dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        JobStatus=JobStatus,
        duration=duration,
        post_button=pieces.post_button,
        status_badge=pieces.status_badge,
        status_labels=pieces.STATUS_LABELS,
        status_word=pieces.status_word,
        style=style(),
        time_ago=pieces.time_ago,
    )
    return environment


def render(template: str, **values: object) -> Html:
    """`templates/<template>.html` as HTML."""
    text = _environment().get_template(f"{template}.html").render(values)
    return Markup(text)  # noqa: S704 - autoescape is on
