"""A page that has not changed is not sent again."""

from __future__ import annotations

from jobgen_runtime.dashboard.components.html import time_ago, time_since
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.web.revalidation import content_tag

from tests.dashboard.sites import DashboardSite, Database

TABLE = "send_invoice_jobs"
LIST = f"/jobs/ListJob?tableName={TABLE}"


def test_tag_changes_with_the_content_and_not_with_time() -> None:
    moment = Moment(0)
    for component in (time_ago, time_since):
        tag = content_tag(component(moment, Moment(5)))
        assert tag == content_tag(component(moment, Moment(500)))
        assert tag != content_tag(component(Moment(1), Moment(5)))
    assert content_tag("a", "b") != content_tag("ab", "")


def test_server_answers_304_while_nothing_has_changed(site: DashboardSite, shop: Database) -> None:
    shop.job_table(TABLE)
    shop.insert(TABLE, status="failed")
    first = site.get(LIST)
    headers = {"If-None-Match": first.headers["etag"]}
    same = site.get(LIST, headers=headers)
    assert (same.status_code, same.content) == (304, b"")
    assert "script-src" in same.headers["content-security-policy"]
    assert same.headers["cache-control"] == "no-store"
    shop.insert(TABLE)
    changed = site.get(LIST, headers=headers)
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]
    for address in (f"/jobs/CreateJob?tableName={TABLE}", f"{LIST}&status=x", "/jobs/nothing"):
        answer = site.get(address)
        assert "etag" not in answer.headers
        assert "data-live" not in answer.text
