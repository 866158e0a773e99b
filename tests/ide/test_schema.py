"""Schema shows every table, and adds a column to any of them."""

from __future__ import annotations

import re
import shlex
from html import unescape

import pytest

from tests.generate.projects import apply, column, job
from tests.ide.forms import generate, posted_forms, text_of
from tests.ide.site import Site
from tests.support.tree import read_tree

COLUMN = "/schema/column"
MORE = """
CREATE SCHEMA app;
CREATE TYPE color AS ENUM ('red', 'green');
CREATE TABLE app."Odd <table>" (
    id INT PRIMARY KEY,
    shade color DEFAULT 'red',
    remark TEXT DEFAULT '',
    far DATE DEFAULT (CURRENT_DATE + 1)
);
"""


@pytest.fixture
def site(site: Site) -> Site:
    """Pages of a project with a job and a table with an odd name."""
    schema = site.root / "Application/Schema.sql"
    schema.write_text(schema.read_text() + MORE)
    apply(site.root, job(site.root, "Scrape", "band:references", "note:text?"))
    return site


def test_page_shows_each_table_with_its_columns(site: Site) -> None:
    page = site.get("/schema")
    text = " ".join(text_of(page).split())
    assert "bands Band line 1 " in text
    assert "scrape_jobs ScrapeJob line" in text
    assert "app.Odd <table>" in text
    assert "id UUID uuidv7() unique" in text
    assert "band_id UUID none bands yes" in text
    assert "note TEXT or NULL NULL" in text
    assert "shade color or NULL red" in text
    assert "remark TEXT or NULL ''" in text
    assert "far DATE or NULL computed" in text
    assert "The columns of every job" in text
    assert f"{COLUMN}?table=app.Odd%20%3Ctable%3E" in page.text


def test_column_is_shown_as_the_command_line_plans_it_then_applied_and_undone(site: Site) -> None:
    before = read_tree(site.root)
    page = site.get(COLUMN, table="scrape_jobs", name="pages", type="int", default="1", index="yes")
    assert "jobgen column scrape_jobs pages:int:index=1" in text_of(page)
    plan = column(site.root, "scrape_jobs", "pages:int:index=1")
    assert read_tree(site.root) == before
    done = generate(site, page)
    assert done.status_code == 303
    for change in plan.pending:
        assert (site.root / change.path).read_bytes() == change.after
    assert "pages INT 1 yes" in " ".join(text_of(site.get("/schema")).split())
    assert generate(site, site.get(done.headers["location"])).status_code == 303
    assert read_tree(site.root) == before


FORMS = [
    ({"name": "label", "type": "text", "nullable": "yes"}, "label:text?"),
    ({"name": "token", "type": "uuid", "unique": "yes"}, "token:uuid:unique"),
    ({"name": "tags", "type": "text[]", "default": "{}"}, "tags:text[]={}"),
    ({"name": "tint", "type": "color", "default": "green"}, "tint:color=green"),
    ({"name": "price", "type": "numeric(10,2)", "index": "yes"}, "price:numeric(10,2):index"),
    ({"name": "owner", "references": "bands", "nullable": "yes"}, "owner:references?=bands"),
    (
        {"name": "odd", "references": 'app."Odd <table>"', "nullable": "yes", "unique": "yes"},
        'odd:references?:unique=app."Odd <table>"',
    ),
    ({"name": "created_at", "type": "timestamptz", "default": "now"}, "created_at:timestamptz=now"),
]


def test_form_means_the_argument_of_the_command_line(site: Site) -> None:
    for table in ("bands", "app.Odd <table>"):
        for form, argument in FORMS:
            page = site.get(COLUMN, table=table, **form)
            assert shlex.join(["jobgen", "column", table, argument]) in text_of(page)
            assert posted_forms(page), argument
            for name, value in form.items():
                control = re.search(rf'<\w+ [^>]*name="{name}"[^>]*>', page.text)
                assert control is not None
                if value == "yes":
                    assert "checked" in control[0]
                elif name == "references":
                    assert f'<option value="{value}" selected>' in unescape(page.text)
                else:
                    assert f'value="{value}"' in unescape(control[0])


REFUSED = [
    ({"name": "a:text=5", "type": "int"}, "'a:text=5' is not a valid column name"),
    ({"name": "<script>", "type": "int"}, "'<script>' is not a valid column name"),
    ({"name": "a", "type": "int=5"}, "'int=5' is not a type."),
    ({"name": "a", "type": "text?:unique"}, "'text?:unique' is not a type."),
    ({"name": "a", "type": "references"}, "A reference needs a table."),
    ({"name": "a", "type": "nonsense"}, "nonsense"),
    ({"name": "a", "type": "int", "references": "bands"}, "A reference takes no type."),
    ({"name": "a", "references": "bands", "default": "1"}, "A reference takes no default."),
    ({"name": "a", "references": "nothing"}, "there is no table nothing"),
    ({"name": "a", "references": "bands?:unique"}, "'bands?:unique' is not the name of a table."),
    ({"name": "name", "type": "text"}, "already has a column name"),
    ({"name": "a", "type": "int", "default": "x"}, "'x'"),
    ({"name": "a" * 70, "type": "int"}, "70 bytes"),
    ({"name": "a", "type": "int", "table": "nothing"}, "has no table nothing"),
]


def test_bad_input_is_explained_and_cannot_be_applied(site: Site) -> None:
    for form, message in REFUSED:
        page = site.get(COLUMN, **{"table": "bands", **form})
        assert page.status_code == 200
        assert message in text_of(page)
        assert not posted_forms(page)
        assert "<script>" not in page.text


def test_page_without_a_table_or_with_a_broken_schema_says_so(site: Site) -> None:
    schema = site.root / "Application/Schema.sql"
    schema.write_text("")
    assert "has no table yet" in text_of(site.get("/schema"))
    assert "Fill in “Table”" in text_of(site.get(COLUMN))
    schema.write_text("CREATE TABLE (")
    for address in ("/schema", COLUMN):
        page = site.get(address)
        assert page.status_code == 409
        assert "Application/Schema.sql:1:14: " in text_of(page)
