"""Mistakes in the classes of custom views are refused where the classes are defined."""

from __future__ import annotations

import re
import types
from typing import Any

import pytest
from jobgen_runtime.dashboard import DisplayableJob, Html, TableViewable
from jobgen_runtime.dashboard.views.displayable import VIEWS


def defined(base: type, **methods: Any) -> None:
    """Define a subclass of a view's base class."""
    types.new_class("Own", (base,), exec_body=lambda body: body.update(methods))


def test_view_that_is_not_async_is_refused_at_its_definition() -> None:
    for name in VIEWS:
        with pytest.raises(TypeError, match=f"Own: write `async def {name}` instead of `def"):
            defined(DisplayableJob, **{name: lambda *_: Html()})


async def get_page(self: object, limit: int, offset: int) -> list[object]:
    return []


async def get_index(self: object) -> list[object]:
    return []


TABLE_VIEW = {
    "table_title": "Scrapes",
    "model_table_name": "initial_scrape_jobs",
    "table_headers": ("Band",),
    "get_page": get_page,
    "render_table_row": lambda self, row: Html(),  # noqa: ARG005
}


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        ({"table_title": None}, 'table_title is missing. Write `table_title = "Initial scrapes"`'),
        ({"model_table_name": None}, "model_table_name is missing"),
        ({"table_headers": None}, "table_headers is missing"),
        ({"get_page": lambda self, limit, offset: []}, "write `async def get_page` instead"),  # noqa: ARG005
        ({"get_index": lambda self: []}, "write `async def get_index` instead"),  # noqa: ARG005
        ({"render_table_row": get_page}, "write `def render_table_row` instead of `async def"),
        ({"new_job_link": get_index}, "write `def new_job_link` instead of `async def"),
        ({"get_page": get_index}, r"write `async def get_page(self, limit: int, offset: int)`"),
    ],
)
def test_mistake_in_a_table_is_refused_at_its_definition(
    mistake: dict[str, Any], message: str
) -> None:
    defined(TableViewable, **TABLE_VIEW)
    attributes = {name: each for name, each in {**TABLE_VIEW, **mistake}.items() if each}
    with pytest.raises(TypeError, match=re.escape(message)):
        defined(TableViewable, **attributes)


def test_base_class_of_tables_needs_no_title() -> None:
    defined(TableViewable, get_page=get_page)
    defined(TableViewable, render_table_row=TABLE_VIEW["render_table_row"])
