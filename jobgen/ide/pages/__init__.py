"""The pages, one module each; the list is the navigation."""

from jobgen.ide.page import Page
from jobgen.ide.pages.changes import CHANGES
from jobgen.ide.pages.generate import GENERATE
from jobgen.ide.pages.jobs import JOBS
from jobgen.ide.pages.schema import SCHEMA

PAGES: tuple[Page, ...] = (GENERATE, SCHEMA, JOBS, CHANGES)
"""All pages, in the order of their tabs. The first one is where a browser begins."""
