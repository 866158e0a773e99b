"""The dashboard as the answer of a route, behind the dependencies of FastAPI."""

from __future__ import annotations

from typing import Annotated

import pytest
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.testclient import TestClient
from jobgen_runtime.dashboard import JobsDashboard, Right, ViewAuth, Visitor
from starlette.responses import Response
from starlette.routing import Mount

from tests.dashboard.sites import Database

TABLE = "email_customers_jobs"


def current_visitor(request: Request) -> Visitor:
    """Return the visitor whom a header names, in place of a login."""
    name = request.headers.get("x-user")
    if name is None:
        raise HTTPException(401)
    return Visitor(name, may={Right.SEE, Right.RETRY} if name == "ada" else {Right.SEE})


def application(dashboard: JobsDashboard) -> FastAPI:
    app = FastAPI()

    @app.api_route("/jobs/{path:path}", methods=["GET", "POST"], include_in_schema=False)
    def jobs(path: str, visitor: Annotated[Visitor, Depends(current_visitor)]) -> Response:
        return dashboard.for_visitor(visitor, path)

    app.mount("/open", dashboard)
    return app


@pytest.mark.parametrize(("root", "asked"), [("", ""), ("/shop", ""), ("/shop", "/shop")])
def test_dependency_decides_who_is_let_in_and_what_they_may_do(
    shop: Database, root: str, asked: str
) -> None:
    shop.job_table(TABLE)
    job = shop.insert(TABLE, status="failed", last_error="OSError: no route to host")
    dashboard = JobsDashboard(auth=ViewAuth(), conninfo=shop.conninfo)
    form = {"tableName": TABLE, "id": job}
    app = application(dashboard)
    # Of the application instead of the server: the path then comes without the prefix.
    app.root_path = root.removesuffix(asked)
    with TestClient(app, root_path=asked, follow_redirects=False) as client:
        assert client.get(f"{asked}/jobs/").status_code == 401
        page = client.get(f"{asked}/jobs/ListJob?tableName={TABLE}", headers={"x-user": "bob"})
        assert f'href="{root}/jobs/ViewJob?' in page.text
        retry = f"{asked}/jobs/RetryJob"
        assert client.post(retry, data=form, headers={"x-user": "bob"}).status_code == 403
        retried = client.post(retry, data=form, headers={"x-user": "ada"})
        assert retried.status_code == 303
        assert retried.headers["location"].startswith(f"{root}/jobs/ViewJob?")
        assert client.get(f"{asked}/jobs/%ff", headers={"x-user": "bob"}).status_code == 404
        refused = client.get(f"{asked}/open/", headers={"x-user": "ada", "jobgen.visitor": "ada"})
        assert refused.status_code == 403
        assert "for_visitor" in refused.text
        assert client.portal is not None
        client.portal.call(dashboard.close)
    row = shop.job(TABLE, job)
    assert row is not None
    assert row["status"] == "job_status_not_started"


def test_route_in_a_mounted_application_links_to_itself(shop: Database) -> None:
    shop.job_table(TABLE)
    dashboard = JobsDashboard(auth=ViewAuth(), conninfo=shop.conninfo)
    outer = FastAPI(routes=[Mount("/admin", application(dashboard))])
    with TestClient(outer) as client:
        page = client.get("/admin/jobs/", headers={"x-user": "ada"})
        assert 'href="/admin/jobs/ListErrors"' in page.text
        assert client.portal is not None
        client.portal.call(dashboard.close)
