"""The jobs of a list as a file: whole, redacted, harmless, and in bounded memory."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from jobgen_runtime.dashboard import AuthenticationMethod, Right, Visitor
from jobgen_runtime.dashboard.export import export, export_response
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from tests.dashboard.sites import DashboardSite, Database, MakeSite

TABLE = "send_invoice_jobs"
ADDRESS = f"/jobs/ExportJobs?tableName={TABLE}"
ERROR = "OSError: postgresql://shop:hunter2@db/shop"
COLUMNS = [
    "note TEXT",
    "amount NUMERIC",
    "is_paid BOOLEAN",
    "payload JSON",
    "api_token TEXT",
]
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"]  # noqa: RUF001 -- meant


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def objects_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.split("\n") if line]


class Sent:
    """The answer to a request for an export, as a server without a buffer sends it."""

    def __init__(self, site: DashboardSite, after_each: Callable[[], Awaitable[None]]) -> None:
        self.bodies: list[bytes] = []
        self.status = 0
        self.is_whole = False
        self._site, self._after_each = site, after_each

    async def get(self, **query: str) -> None:
        scope = {
            "type": "http",
            "asgi": {"spec_version": "2.4"},
            "method": "GET",
            "path": "/ExportJobs",
            "query_string": urlencode({"tableName": TABLE, **query}).encode(),
            "client": ("127.0.0.1", 1),
            "headers": [(b"host", b"localhost")],
        }
        await self._site.dashboard(scope, self._receive, self._send)

    async def _receive(self) -> Message:
        return {"type": "http.request"}

    async def _send(self, message: Message) -> None:
        self.status = message.get("status", self.status)
        if message["type"] == "http.response.body":
            self.bodies.append(message.get("body", b""))
            self.is_whole = not message.get("more_body", False)
            if not self.is_whole:
                await self._after_each()


async def nothing() -> None:
    """Wait for nothing."""


def test_any_value_is_exported_redacted_and_as_no_formula(
    site: DashboardSite, shop: Database
) -> None:
    shop.job_table(TABLE, *COLUMNS)
    plain = shop.insert(
        TABLE,
        note='a "quoted", text\r\nof two lines',
        amount="-12.50",
        is_paid=True,
        payload='{"a":\n 1}',
        api_token="hunter2",
        last_error=ERROR,
        run_at="infinity",
    )
    empty = shop.insert(TABLE, note="", amount="NaN", created_at="30000-01-01")
    text = site.get(ADDRESS).text
    found = {row["id"]: row for row in rows_of(text)}
    assert found.keys() == {plain, empty}
    assert "hunter2" not in text
    row = found[plain]
    assert row["note"] == 'a "quoted", text\r\nof two lines'
    assert (row["amount"], row["is_paid"], row["payload"]) == ("-12.50", "true", '{"a":\n 1}')
    assert (row["api_token"], row["run_at"]) == ("[redacted]", "infinity")
    assert row["last_error"] == "OSError: postgresql://shop:[redacted]@db/shop"
    assert (found[empty]["note"], found[empty]["api_token"]) == ("", "")
    assert found[empty]["created_at"] == "30000-01-01 00:00:00+00"
    assert ',"",NaN,' in text  # an empty text is quoted, unlike NULL
    answer = site.get(f"{ADDRESS}&format=ndjson")
    assert "hunter2" not in answer.text
    objects = {each["id"]: each for each in objects_of(answer.text)}
    assert (objects[plain]["amount"], objects[plain]["is_paid"]) == (-12.5, True)
    assert objects[plain]["payload"] == {"a": 1}
    assert objects[plain]["attempts_count"] == 0
    assert objects[plain]["api_token"] == "[redacted]"
    assert (objects[empty]["amount"], objects[empty]["note"]) == ("NaN", "")
    assert objects[empty]["payload"] is None


def test_value_that_cannot_be_computed_costs_its_own_cell(
    site: DashboardSite, shop: Database
) -> None:
    [server] = shop.run("SHOW server_version_num")
    if int(server["server_version_num"]) < 180000:
        pytest.skip("needs virtual columns: PostgreSQL 18 or newer")
    shop.job_table(TABLE, "amount INT", "quotient INT GENERATED ALWAYS AS (6 / amount) VIRTUAL")
    for amount in (0, 3):
        shop.insert(TABLE, amount=amount)
    found = {row["amount"]: row["quotient"] for row in rows_of(site.get(ADDRESS).text)}
    assert found == {"0": "cannot be computed: division by zero", "3": "2"}


@pytest.mark.parametrize("formula", FORMULAS)
def test_text_that_a_spreadsheet_would_compute_is_kept_from_that(
    site: DashboardSite, shop: Database, formula: str
) -> None:
    shop.job_table(TABLE, "note TEXT", "amount INT")
    shop.insert(TABLE, note=formula, amount=-1)
    row = rows_of(site.get(ADDRESS).text)[0]
    assert (row["note"], row["amount"]) == (f"'{formula}", "-1")
    assert objects_of(site.get(f"{ADDRESS}&format=ndjson").text)[0]["note"] == formula


def test_export_has_the_jobs_of_the_list_that_links_to_it(
    site: DashboardSite, shop: Database
) -> None:
    shop.job_table(TABLE, "note TEXT")
    wanted = [shop.insert(TABLE, status="failed", note=f"many {each}") for each in range(3)]
    shop.insert(TABLE, status="failed", note="other")
    shop.insert(TABLE, note="many")
    page = site.get(f"/jobs/ListJob?tableName={TABLE}&status=failed&q=many&sort=note").text
    link = f"{ADDRESS}&format=csv&status=failed&q=many".replace("&", "&amp;")
    assert f'href="{link}"' in page
    answer = site.get(f"{ADDRESS}&format=csv&status=failed&q=many")
    assert [row["id"] for row in rows_of(answer.text)] == wanted[::-1]
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    today = shop.run("SELECT (now() AT TIME ZONE 'UTC')::date::text AS today")[0]["today"]
    disposition = f'attachment; filename="{TABLE}-{today}.csv"'
    assert answer.headers["content-disposition"] == disposition
    assert answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert site.request("HEAD", ADDRESS).headers["content-disposition"] == disposition
    assert site.get(f"{ADDRESS}&q=nothing").text == answer.text.split("\r\n", 1)[0] + "\r\n"
    assert site.get(f"{ADDRESS}&format=ndjson&q=nothing").text == ""
    for query in ("format=xml", "status=x", "where_created_at=x", "where_api_token=x&format="):
        assert site.get(f"{ADDRESS}&{query}").status_code == 400, query


def test_export_needs_the_right_to_see_the_kind(make_site: MakeSite, shop: Database) -> None:
    class Auditor(AuthenticationMethod):
        async def authenticate(self, request: Request) -> Visitor:  # noqa: ARG002 -- everyone
            return Visitor("ann", may={Right.SEE}, kinds={"payroll_jobs": set()})

    shop.job_table(TABLE)
    shop.job_table("payroll_jobs")
    job = shop.insert(TABLE)
    shop.insert("payroll_jobs")
    site = make_site(auth=Auditor())
    assert [row["id"] for row in rows_of(site.get(ADDRESS).text)] == [job]
    assert site.get("/jobs/ExportJobs?tableName=payroll_jobs").status_code == 404
    assert site.post("/jobs/ExportJobs", {"tableName": TABLE}).status_code == 405


@pytest.mark.parametrize("status", ["", "not_started", "failed"])
def test_export_in_many_batches_has_every_job_once_and_little_in_memory(
    site: DashboardSite, shop: Database, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    monkeypatch.setattr(export, "CHUNK_BYTES", 20_000)
    monkeypatch.setattr(export, "BATCH_BYTES", 40_000)
    shop.job_table(TABLE, "note TEXT")
    shop.run(
        f"INSERT INTO {TABLE} (status, note) SELECT"  # noqa: S608 -- the test's own
        " (ARRAY['job_status_not_started', 'job_status_failed'])[1 + mod(n, 2)]::job_status,"
        " repeat('x', n) FROM generate_series(1, 1000) n"
    )
    sent = Sent(site, nothing)
    site.run(sent.get(status=status))
    assert sent.is_whole
    assert len(sent.bodies) > 3
    # The first chunk cannot know how large its jobs are.
    assert max(map(len, sent.bodies[1:])) < 100_000
    found = [row["id"] for row in rows_of(b"".join(sent.bodies).decode())]
    rows = shop.rows(TABLE)
    expected = {str(row["id"]) for row in rows if status in {"", row["status"][11:]}}
    assert len(found) == len(expected)
    assert set(found) == expected


def test_further_exports_are_refused_while_two_are_under_way(
    site: DashboardSite, shop: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "BATCH_BYTES", 1)
    shop.job_table(TABLE)
    shop.run(f"INSERT INTO {TABLE} SELECT FROM generate_series(1, 500)")

    async def three() -> None:
        go_on = asyncio.Event()
        begun: asyncio.Queue[None] = asyncio.Queue()

        async def hold() -> None:
            begun.put_nowait(None)
            await go_on.wait()

        first, second, third = (Sent(site, hold) for _ in range(3))
        tasks = [asyncio.create_task(each.get()) for each in (first, second)]
        await begun.get()
        await begun.get()
        await third.get()
        assert third.status == 503
        assert b"Other exports are under way" in b"".join(third.bodies)
        go_on.set()
        await asyncio.gather(*tasks)
        assert [each.status for each in (first, second)] == [200, 200]
        assert first.is_whole
        await third.get()
        assert third.status == 200

    site.run(three())


def test_export_that_fails_or_is_not_taken_is_broken_off(
    site: DashboardSite, shop: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "BATCH_BYTES", 1)
    monkeypatch.setattr(export_response, "STALLED_SECONDS", 0.2)
    shop.job_table(TABLE)
    shop.run(f"INSERT INTO {TABLE} SELECT FROM generate_series(1, 500)")

    async def stall() -> None:
        await asyncio.Event().wait()

    async def drop() -> None:
        shop.run(f"DROP TABLE IF EXISTS {TABLE}")

    for _ in range(export_response.MAX_EXPORTS + 1):
        stalled = Sent(site, stall)
        with pytest.raises(ClientDisconnect):
            site.run(stalled.get())
        assert stalled.status == 200
        assert not stalled.is_whole
    broken = Sent(site, drop)
    with pytest.raises(psycopg.errors.UndefinedTable):
        site.run(broken.get())
    assert broken.status == 200
    assert not broken.is_whole
    assert site.get(ADDRESS).status_code == 404
