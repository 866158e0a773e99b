"""Rights: each visitor sees and does only what `authenticate` allows, whatever a page shows."""

from __future__ import annotations

from contextlib import suppress
from itertools import product
from typing import Any

import psycopg
import pytest
from jobgen_runtime.dashboard import (
    AuthenticationMethod,
    Change,
    DisplayableJob,
    InvalidForm,
    NoAuth,
    Right,
    Visitor,
)
from jobgen_runtime.dashboard.access.visitor import ALL_RIGHTS, READ_ONLY

from tests.dashboard.sites import DashboardSite, Database, MakeSite
from tests.dashboard.test_limits import EmailCustomersJob
from tests.dashboard.visitors import Everyone

TABLE, OTHER = "email_customers_jobs", "send_invoice_jobs"
ADDRESSES = [
    (Right.SEE, "GET", "ListJob"),
    (Right.SEE, "GET", "ViewJob"),
    (Right.SEE, "GET", "ListErrors"),
    (Right.SEE, "GET", "ViewCharts"),
    (Right.CREATE, "GET", "CreateJob"),
    (Right.CREATE, "POST", "CreateJob"),
    (Right.RETRY, "POST", "RetryJob"),
    (Right.CANCEL, "POST", "CancelJob"),
    (Right.DELETE, "POST", "DeleteJob"),
    (Right.PAUSE, "POST", "PauseKind"),
    (Right.PAUSE, "POST", "ResumeKind"),
]
BUTTONS = {
    Right.CREATE: "CreateJob",
    Right.RETRY: "RetryJob",
    Right.CANCEL: "CancelJob",
    Right.DELETE: "DeleteJob",
    Right.PAUSE: "PauseKind",
}


def visited(make_site: MakeSite, visitor: Any, **options: Any) -> DashboardSite:
    return make_site(auth=Everyone(visitor), **options)


def statuses(site: DashboardSite, shop: Database, table: str) -> dict[tuple[Right, str, str], int]:
    """Return the status of each address for a waiting job of its own."""
    found = {}
    for right, method, action in ADDRESSES:
        where = {"tableName": table, "id": shop.insert(table)}
        found[right, method, action] = site.request(
            method, f"/jobs/{action}", params=where
        ).status_code
    return found


@pytest.mark.parametrize("right", [None, *Right])
def test_each_action_needs_its_right_at_the_server(
    make_site: MakeSite, shop: Database, right: Right | None
) -> None:
    shop.job_table(TABLE)
    rights = {Right.SEE, right} if right else set()
    site = visited(make_site, Visitor("ada", may=rights))
    before = shop.rows(TABLE)
    for (needed, method, _action), status in statuses(site, shop, TABLE).items():
        if not rights:
            assert status == 404
        elif needed not in rights:
            assert status == 403
        else:
            assert status == (303 if method == "POST" else 200)
    if not rights & {Right.CREATE, Right.RETRY, Right.CANCEL, Right.DELETE}:
        rows = shop.rows(TABLE)
        assert len(rows) == len(before) + len(ADDRESSES)
        assert {row["status"] for row in rows} == {"job_status_not_started"}


@pytest.mark.parametrize("right", BUTTONS)
def test_pages_show_only_what_the_visitor_may_do(
    make_site: MakeSite, shop: Database, right: Right
) -> None:
    shop.job_table(TABLE)
    jobs = [shop.insert(TABLE, status=status) for status in ("failed", "not_started")]
    site = visited(make_site, Visitor("ada", may={Right.SEE, right}))
    addresses = [
        "",
        "ListErrors",
        f"ListJob?tableName={TABLE}",
        f"ListJob?tableName={TABLE}&status=timed_out",
    ]
    addresses += [f"ViewJob?tableName={TABLE}&id={job}" for job in jobs]
    text = "".join(site.get(f"/jobs/{address}").text for address in addresses)
    for each, action in BUTTONS.items():
        assert (f"/jobs/{action}" in text) == (each is right), each


@pytest.mark.parametrize("right", [Right.RETRY, Right.CANCEL, Right.DELETE])
def test_many_jobs_are_changed_only_with_the_right(
    make_site: MakeSite, shop: Database, right: Right
) -> None:
    shop.job_table(TABLE)
    shop.insert(TABLE)
    before = shop.rows(TABLE)
    form = {"tableName": TABLE, "id": str(before[0]["id"]), "confirmed": "1"}
    others = Visitor("ada", may=ALL_RIGHTS - {right})
    for site in (visited(make_site, others), make_site(read_only=True)):
        for action in (BUTTONS[right], *(["RescheduleJob"] if right is Right.RETRY else [])):
            assert site.post(f"/jobs/{action}s", form).status_code == 403
        label = f"{right.value.title()}…"
        assert label not in site.get(f"/jobs/ListJob?tableName={TABLE}").text
    assert shop.rows(TABLE) == before


def test_rights_differ_by_kind_and_a_hidden_kind_is_not_mentioned(
    make_site: MakeSite, shop: Database, caplog: pytest.LogCaptureFixture
) -> None:
    shop.job_table(TABLE)
    shop.job_table(OTHER)
    hidden = shop.insert(OTHER)

    class Missing(DisplayableJob[EmailCustomersJob]):
        pass

    site = visited(make_site, Visitor("ada", kinds={OTHER: set(), "send_invoices_jobs": set()}))
    assert set(statuses(site, shop, TABLE).values()) == {200, 303}
    assert set(statuses(site, shop, OTHER).values()) == {404}
    overview = site.get("/jobs/").text
    assert TABLE in overview
    assert OTHER not in overview
    assert hidden not in overview
    assert "'send_invoices_jobs', which is not a job table" in caplog.text
    only = visited(make_site, Visitor("ada", may=(), kinds={OTHER: READ_ONLY}), jobs=[Missing])
    shop.run(f"DROP TABLE {TABLE}")
    assert TABLE not in only.get("/jobs/").text
    assert OTHER in only.get("/jobs/").text


def test_every_page_shows_who_is_logged_in_and_whether_anything_can_be_changed(
    make_site: MakeSite, shop: Database
) -> None:
    shop.job_table(TABLE)
    name, badge = "Logged in as <strong>Ada &lt;b&gt;</strong>", ">Read only</span>"
    ada = Visitor("Ada <b>")
    for site, shown in (
        (make_site(), ()),
        (make_site(read_only=True), (badge,)),
        (visited(make_site, ada), (name,)),
        (visited(make_site, ada, read_only=True), (name, badge)),
        (visited(make_site, Visitor("Ada <b>", READ_ONLY, {TABLE: ALL_RIGHTS})), (name,)),
    ):
        for address in ("", "ListErrors", f"ListJob?tableName={TABLE}", "nowhere"):
            text = site.get(f"/jobs/{address}").text
            assert tuple(each for each in (name, badge) if each in text) == shown
            assert ("Logged in" in text) is (name in shown)


def test_read_only_dashboard_lets_nobody_change_anything(
    make_site: MakeSite, shop: Database
) -> None:
    class Writing(DisplayableJob[EmailCustomersJob]):
        async def make_dashboard_section(self) -> Any:
            await self.conn.execute(f"DELETE FROM {TABLE}")  # noqa: S608 -- the test's own text
            return "deleted"

    shop.job_table(TABLE)
    shop.insert(TABLE)
    for auth in (NoAuth(), Everyone(Visitor("ada", kinds={TABLE: ALL_RIGHTS})), Everyone(None)):
        site = make_site(auth=auth, read_only=True, jobs=[Writing])
        for (right, _method, _action), status in statuses(site, shop, TABLE).items():
            assert status == (200 if right is Right.SEE else 403)
        overview = site.get("/jobs/")
        assert overview.status_code == 200
        assert "custom view of this job failed" in overview.text
    assert {row["status"] for row in shop.rows(TABLE)} == {"job_status_not_started"}


@pytest.mark.parametrize("answer", [False, True, "ada", object()])
def test_authentication_that_returns_something_else_lets_nobody_in(
    make_site: MakeSite, shop: Database, answer: object
) -> None:
    shop.job_table(TABLE)
    refused = visited(make_site, answer).get("/jobs/")
    assert refused.status_code == 500
    assert TABLE not in refused.text


def test_mistakes_of_visitors_and_methods_are_named() -> None:
    for wrong in ({"see"}, "see", {Right}):
        with pytest.raises(TypeError, match=r"such as \{Right.SEE\}"):
            Visitor("ada", may=wrong)  # type: ignore[arg-type]  # the mistake
        with pytest.raises(TypeError, match=r"such as \{Right.SEE\}"):
            Visitor("ada", kinds={TABLE: wrong})  # type: ignore[dict-item]  # the mistake
    with pytest.raises(TypeError, match="name"):
        Visitor(None)  # type: ignore[arg-type]  # the mistake
    with pytest.raises(TypeError, match="async def authenticate"):
        type("Own", (AuthenticationMethod,), {"authenticate": lambda self, request: None})  # noqa: ARG005 -- as above


def test_every_change_is_logged_and_audited_with_who_did_it(
    make_site: MakeSite, shop: Database, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[Change] = []

    async def audit(change: Change) -> None:
        seen.append(change)
        await change.conn.execute(
            "INSERT INTO audits VALUES (%s, %s)", (change.visitor.name, change.right.value)
        )

    shop.job_table(TABLE)
    shop.run("CREATE TABLE audits (who TEXT, what TEXT)")
    site = visited(make_site, Visitor("ada\nlovelace"), audit=audit)
    done = {"create": "created", "retry": "retried", "cancel": "cancelled", "delete": "deleted"}
    for right, word in done.items():
        job = shop.insert(TABLE)
        address = f"/jobs/{BUTTONS[Right(right)]}"
        assert site.post(address, {"tableName": TABLE, "id": job}).status_code == 303
        change = seen.pop()
        assert (change.visitor.name, change.table) == ("ada\nlovelace", TABLE)
        assert change.right is Right(right)
        line = f"{TABLE} {change.job_id} was {word} in the dashboard by 'ada\\nlovelace', client"
        assert line in caplog.messages[-1]
        if right != "create":
            assert str(change.job_id) == job
    assert shop.run("SELECT what FROM audits") == [{"what": right} for right in done]


@pytest.mark.parametrize("right", BUTTONS)
def test_change_that_is_not_audited_is_not_made(
    make_site: MakeSite, shop: Database, caplog: pytest.LogCaptureFixture, right: Right
) -> None:
    async def audit(change: Change) -> None:
        await change.conn.execute("INSERT INTO missing_audits VALUES (1)")

    shop.job_table(TABLE)
    job = shop.insert(TABLE)
    before = shop.rows(TABLE)
    site = make_site(audit=audit)
    answer = site.post(f"/jobs/{BUTTONS[right]}", {"tableName": TABLE, "id": job})
    assert answer.status_code == 500
    assert "Nothing was changed" in answer.text
    assert shop.rows(TABLE) == before
    assert "in the dashboard by" not in caplog.text
    with pytest.raises(TypeError, match="async"):
        make_site(audit=print)


SWALLOWED = [
    *("CreateJob", "RetryJob", "CancelJob", "DeleteJob", "PauseKind", "CreateSchedule"),
    *("RetryJobs", "RescheduleJobs", "CancelJobs", "DeleteJobs", "PauseAll"),
]


@pytest.mark.parametrize("action", SWALLOWED)
def test_audit_that_catches_an_error_of_the_database_refuses_the_change(
    make_site: MakeSite, shop: Database, caplog: pytest.LogCaptureFixture, action: str
) -> None:
    async def swallowing(change: Change) -> None:
        with suppress(psycopg.Error):
            await change.conn.execute("INSERT INTO missing_audits VALUES (1)")

    async def trying(change: Change) -> None:
        with suppress(psycopg.Error):
            async with change.conn.transaction():
                await change.conn.execute("INSERT INTO missing_audits VALUES (1)")

    shop.job_table(TABLE)
    job = shop.insert(TABLE)
    before = shop.rows(TABLE)
    form = {"tableName": TABLE, "id": job, f"job_{job}": "1", "confirmed": "1"}
    form |= {"name": "nightly", "expression": "@daily", "values": "{}"}
    answer = make_site(audit=swallowing).post(f"/jobs/{action}", form)
    assert answer.status_code == 500
    assert "Nothing was changed" in answer.text
    assert shop.rows(TABLE) == before
    assert shop.run("SELECT FROM job_pauses UNION ALL SELECT FROM job_schedules") == []
    assert "in the dashboard by" not in caplog.text
    assert "try statements that may fail in `async with" in caplog.text
    assert make_site(audit=trying).post(f"/jobs/{action}", form).status_code in {200, 303}
    assert "in the dashboard by" in caplog.text


def test_refused_change_is_not_logged(
    make_site: MakeSite, shop: Database, caplog: pytest.LogCaptureFixture
) -> None:
    shop.job_table(TABLE)
    job = shop.insert(TABLE, status="running")
    site = make_site()
    assert site.post("/jobs/DeleteJob", {"tableName": TABLE, "id": job}).status_code == 409
    assert "in the dashboard by" not in caplog.text


def test_failing_form_and_insert_of_a_custom_view_keep_the_input(
    make_site: MakeSite, shop: Database
) -> None:
    class Failing(DisplayableJob[EmailCustomersJob]):
        async def make_new_job_view(self) -> Any:
            return None

        async def create_new_job(self) -> None:
            if self.param("note") == "form":
                raise InvalidForm("The note is wrong.")
            self.param("count", int)
            raise RuntimeError("a secret of the log")

    shop.job_table(TABLE, "note TEXT", "count TEXT")
    site = make_site(jobs=[Failing])
    for note, count, status, words in (
        ("form", "", 422, "The note is wrong."),
        ("kept", "x", 422, "The parameter count is invalid."),
        ("kept", "1", 500, "create_new_job failed"),
    ):
        form = {"tableName": TABLE, "note": note, "count": count}
        answer = site.post("/jobs/CreateJob", form)
        assert answer.status_code == status
        assert words in answer.text
        assert note in answer.text
        assert "secret" not in answer.text
        assert "custom view of this job failed" in answer.text
        assert answer.headers["content-security-policy"]
    assert shop.rows(TABLE) == []


def test_right_words_are_those_of_the_documents() -> None:
    assert [right.value for right in Right] == [
        *("see", "create", "retry", "cancel", "delete", "pause")
    ]
    for first, second in product(Right, Right):
        visitor = Visitor("ada", may={first, second}).limited_to({first})
        assert visitor.rights("x") == ({Right.SEE} if first is Right.SEE else set())
