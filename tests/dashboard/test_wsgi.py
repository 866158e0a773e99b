"""The dashboard as a WSGI application: who is let in, forks, and many applications."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import httpx
import pytest
from flask import Flask
from flask.typing import ResponseReturnValue
from jobgen_runtime.dashboard import BasicAuthStatic, JobsDashboard, Right, Visitor
from jobgen_runtime.dashboard.wsgi import ViewAuth, WsgiDashboard
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from tests.dashboard.sites import Database

TABLE = "email_customers_jobs"


@pytest.fixture
def dashboard(shop: Database) -> Iterator[WsgiDashboard]:
    shop.job_table(TABLE)
    served = WsgiDashboard(JobsDashboard(auth=ViewAuth(), conninfo=shop.conninfo))
    yield served
    served.close()


def application(dashboard: WsgiDashboard, visitor: Visitor) -> Flask:
    """Return an application whose view shows the dashboard to a visitor."""
    app = Flask("shop")

    @app.route("/jobs/", defaults={"path": ""}, methods=["GET", "POST"])
    @app.route("/jobs/<path:path>", methods=["GET", "POST"])
    def show(path: str) -> ResponseReturnValue:
        return dashboard.for_visitor(visitor, path)

    return app


def test_view_names_the_visitor_and_what_they_may_do(
    shop: Database, dashboard: WsgiDashboard
) -> None:
    job = shop.insert(TABLE, status="failed", last_error="OSError: no route to host")
    reader = application(dashboard, Visitor("bob", may={Right.SEE})).test_client()
    writer = application(dashboard, Visitor("ada")).test_client()
    form = {"tableName": TABLE, "id": job}
    address = f"/jobs/ViewJob?tableName={TABLE}&id={job}"

    assert "no route to host" in reader.get(address).text
    assert reader.post("/jobs/RetryJob", data=form).status_code == 403
    retried = writer.post("/jobs/RetryJob", data=form)
    assert (retried.status_code, retried.headers["Location"][:14]) == (303, "/jobs/ViewJob?")
    row = shop.job(TABLE, job)
    assert row is not None
    assert row["status"] == "job_status_not_started"


def test_dashboard_refuses_requests_that_no_view_has_let_in(dashboard: WsgiDashboard) -> None:
    forged = {"jobgen.visitor": "ada", "HTTP_JOBGEN_VISITOR": "ada", "REMOTE_USER": "ada"}
    answer = Client(dashboard).get("/", environ_overrides=forged)
    assert answer.status_code == 403
    assert "for_visitor" in answer.text
    assert TABLE not in answer.text


def test_view_auth_refuses_requests_to_a_mount_of_asgi(shop: Database) -> None:
    transport = httpx.ASGITransport(JobsDashboard(auth=ViewAuth(), conninfo=shop.conninfo))

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            return await client.get("/", headers={"jobgen.visitor": "ada"})

    assert asyncio.run(ask()).status_code == 403


def test_own_authentication_works_below_a_dispatcher(shop: Database) -> None:
    auth = BasicAuthStatic("ada", "secret")
    served = WsgiDashboard(JobsDashboard(auth=auth, conninfo=shop.conninfo))
    app = DispatcherMiddleware(Flask("shop"), {"/jobs": served})
    try:
        assert Client(app).get("/jobs/").status_code == 401
        assert Client(app).get("/jobs/", auth=("ada", "secret")).status_code == 200
    finally:
        served.close()


def test_clients_that_hang_up_leave_no_export_under_way(dashboard: WsgiDashboard) -> None:
    client = application(dashboard, Visitor("ada")).test_client()
    for _ in range(3):
        answer = client.get(f"/jobs/ExportJobs?tableName={TABLE}&format=csv")
        assert answer.status_code == 200
        answer.close()
        # The dashboard learns of it before it answers the next request.
        assert client.get("/jobs/").text


def test_process_that_was_forked_answers_by_itself(dashboard: WsgiDashboard) -> None:
    """A server with --preload loads the application, and may answer, before it forks."""
    client = application(dashboard, Visitor("ada")).test_client()
    assert client.get("/jobs/").status_code == 200
    child = os.fork()
    if not child:
        threading.Timer(60, os._exit, [1]).start()
        os._exit(0 if client.get("/jobs/").status_code == 200 else 2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert client.get("/jobs/").status_code == 200


def test_dashboards_without_a_request_start_no_thread() -> None:
    before = threading.active_count()
    made = [WsgiDashboard(JobsDashboard(auth=ViewAuth())) for _ in range(50)]
    assert threading.active_count() == before
    for each in made:
        each.close()


@pytest.mark.parametrize("path", ["%ff", "%C3%A9", "a/%ff/b", "%00", "%25FF", "..", "%2e%2e/x"])
def test_address_that_is_no_page_is_not_found(dashboard: WsgiDashboard, path: str) -> None:
    view = application(dashboard, Visitor("ada")).test_client()
    assert view.get(f"/jobs/{path}").status_code == 404
    assert Client(dashboard).get(f"/{path}").status_code == 403  # without a visitor


@pytest.mark.parametrize(("query", "status"), [("\xc3\xa9", 200), ("\xff", 400)])
def test_query_with_bytes_that_are_not_quoted_is_read(
    dashboard: WsgiDashboard, query: str, status: int
) -> None:
    client = application(dashboard, Visitor("ada")).test_client()
    raw = {"QUERY_STRING": f"tableName={TABLE}&x={query}"}
    assert client.get("/jobs/ListJob", environ_overrides=raw).status_code == status


def test_path_that_is_not_that_of_the_request_is_an_error(dashboard: WsgiDashboard) -> None:
    with pytest.raises(ValueError, match=r"the path '/jobs' does not end with '/ListJobs'"):
        Client(dashboard.for_visitor(Visitor("ada"), "ListJobs")).get("/jobs")


def test_missing_a2wsgi_is_named_with_the_command_that_installs_it() -> None:
    code = "import sys; sys.modules['a2wsgi'] = None; import jobgen_runtime.dashboard.wsgi"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert 'pip install "jobgen-runtime[wsgi]"' in done.stderr
