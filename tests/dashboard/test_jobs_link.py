"""`jobs_link` finds the dashboard wherever the application mounts it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from jinja2 import Environment
from jobgen_runtime.dashboard import JobsDashboard, NoAuth, jobs_link
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Host, Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.dashboard.sites import Site

LAYOUT = Environment(autoescape=True).from_string('<a href="{{ jobs_link(request) }}">Jobs</a>')


def home(request: Request) -> Response:
    """Return a page of the application with the link in its layout."""
    return HTMLResponse(LAYOUT.render(request=request, jobs_link=jobs_link))


def wrapped(dashboard: JobsDashboard) -> BaseRoute:
    return Mount("/jobs", CORSMiddleware(dashboard, allow_origins=[]))


def with_middleware(dashboard: JobsDashboard) -> BaseRoute:
    return Mount("/jobs", dashboard, middleware=[Middleware(CORSMiddleware, allow_origins=[])])


def nested(dashboard: JobsDashboard) -> BaseRoute:
    inner = Starlette(routes=[Mount("/background jobs", dashboard), Route("/home", home)])
    return Mount("/admin", CORSMiddleware(inner, allow_origins=[]))


@pytest.mark.parametrize("root_path", ["", "/behind/a/proxy"])
@pytest.mark.parametrize(
    ("route", "page", "link"),
    [
        (lambda dashboard: Mount("/jobs", dashboard), "/home", "/jobs/"),
        (lambda dashboard: Mount("/", dashboard), "/home", "/"),
        (lambda dashboard: Host("localhost", dashboard), "/home", "/"),
        (wrapped, "/home", "/jobs/"),
        (with_middleware, "/home", "/jobs/"),
        (nested, "/home", "/admin/background%20jobs/"),
        (nested, "/admin/home", "/admin/background%20jobs/"),
    ],
)
def test_link_leads_to_the_dashboard_wherever_it_is_mounted(
    route: Callable[[JobsDashboard], BaseRoute], page: str, link: str, root_path: str
) -> None:
    app = Starlette(routes=[Route("/home", home), route(JobsDashboard(auth=NoAuth()))])
    assert linked(app, page, root_path) == f"{root_path}{link}"


def test_link_leads_to_the_dashboard_of_a_fastapi_application() -> None:
    app = FastAPI()
    app.add_route("/home", home)
    app.mount("/jobs", JobsDashboard(auth=NoAuth()))
    assert linked(app, "/home", "") == "/jobs/"


def test_root_path_of_a_hostile_header_leads_to_no_other_host() -> None:
    app = Starlette(routes=[Route("/home", home), Mount("/jobs", JobsDashboard(auth=NoAuth()))])
    with Site(app, root_path="//evil.example") as site:
        assert 'href="/evil.example/jobs/"' in site.get("/home").text


def test_link_is_found_by_an_application_next_to_the_dashboard_such_as_django() -> None:
    async def django(scope: Scope, receive: Receive, send: Send) -> None:
        request = SimpleNamespace(scope=scope)  # all that Django's has of Starlette's
        await PlainTextResponse(jobs_link(request))(scope, receive, send)

    app = Router([Mount("/jobs", JobsDashboard(auth=NoAuth()))], default=django)
    assert linked(app, "/home", "/shop") == "/shop/jobs/"


def test_link_names_the_dashboard_that_is_asked_for() -> None:
    first, second, third = (JobsDashboard(auth=NoAuth()) for _ in range(3))

    def links(request: Request) -> Response:
        with pytest.raises(LookupError, match="no JobsDashboard is mounted"):
            jobs_link(request, third)
        return HTMLResponse(jobs_link(request) + jobs_link(request, second))

    app = Starlette(
        routes=[Route("/home", links), Mount("/jobs", first), Mount("/archive", second)]
    )
    with Site(app) as site:
        assert site.get("/home").text == "/jobs//archive/"


def linked(app: ASGIApp, page: str, root_path: str) -> str:
    """Return the address in a page of an application."""
    with Site(app, root_path=root_path) as site:
        text = site.get(f"{root_path}{page}").text
    return text.removeprefix('<a href="').removesuffix('">Jobs</a>')
