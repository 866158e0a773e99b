"""What a page is, and what its functions get."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from starlette.responses import HTMLResponse, RedirectResponse, Response

from jobgen.errors import JobgenError
from jobgen.ide.changes import Changes
from jobgen.ide.job_database import JobDatabase
from jobgen.ide.parameters import Parameters
from jobgen.ide.previews import Previews
from jobgen.ide.templating import render
from jobgen.project import Project, find_project


@dataclass(frozen=True, slots=True)
class Tab:
    """An entry of the navigation."""

    address: str
    title: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What is around the content of every page.

    Attributes:
        root: The project's root.
        tabs: The navigation.
        current: The address of the tab that the page belongs to; None for none of them.
    """

    root: Path
    tabs: tuple[Tab, ...]
    current: str | None = None

    def page(self, template: str, title: str, status: int = 200, **values: object) -> HTMLResponse:
        """Return a page: `templates/<template>`, which extends `frame.html`."""
        text = render(template, frame=self, title=title, **values)
        return HTMLResponse(text, status_code=status)

    def problem(self, status: int, title: str, message: str, hint: str | None) -> HTMLResponse:
        """Return a page that says what is wrong, and what to do about it."""
        return self.page("problem.html", title, status, message=message, hint=hint)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A request to a page.

    Attributes:
        frame: The frame of the page, with the page's tab as the current one.
        previews: The plans that were shown and not applied yet.
        changes: The changes that were applied.
        database: What the database knows of the jobs.
        path: The variable parts of the address, by the names in the pattern.
        parameters: The query of a GET, or the form of a POST.
    """

    frame: Frame
    previews: Previews
    changes: Changes
    database: JobDatabase
    path: Mapping[str, str] = field(default_factory=dict)
    parameters: Parameters = field(default_factory=Parameters)

    @property
    def root(self) -> Path:
        """The project's root."""
        return self.frame.root

    def project(self) -> Project:
        """Return the project as it is configured now.

        Raises:
            JobgenError: Its pyproject.toml is missing or has an error.
        """
        project = find_project(self.root)
        if project.root != self.root:
            raise JobgenError(
                f"The folder {self.root} is not a project any more: its pyproject.toml has no"
                " [tool.jobgen].",
                hint="Restore pyproject.toml, or end the command and start it in a project.",
            )
        return project


Handler: TypeAlias = Callable[[PageRequest], Response]
"""Answers a request; it runs in a thread and may wait for files and databases.

It may raise JobgenError and Refused, which become a page.
"""


@dataclass(frozen=True, slots=True)
class Page:
    """A page, or several that belong to one tab.

    Attributes:
        address: Where it starts, such as `/generate`; the tab leads there.
        title: The tab's title.
        reads: What GET answers at which pattern below the address, such as `/{name}`. These
            functions write nothing.
        writes: What POST answers at which pattern.
    """

    address: str
    title: str
    reads: Mapping[str, Handler]
    writes: Mapping[str, Handler]


def see_other(address: str) -> Response:
    """Redirect after a POST, so that reloading the next page does not repeat it."""
    return RedirectResponse(address, status_code=303)
