"""Any request at all gets a page of the dashboard: no server error, no traceback, no secret."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jobgen_runtime.dashboard import BasicAuthStatic, JobsDashboard
from jobgen_runtime.dashboard.actions import ACTIONS
from jobgen_runtime.dashboard.web.pages import HEADERS

from tests.dashboard.sites import Database, Site
from tests.dashboard.test_escaping import scripts

TABLE = "scrape_jobs"
JOB = "01890000-0000-7000-8000-00000000000a"
ATTACK = "\"'><script>alert(1)</script>{{7*7}}%s"
LOGIN = "Basic " + base64.b64encode(b"jobs:hunter2-password").decode()
ERROR = "Traceback (most recent call last):\nOSError: postgresql://u:hunter2-error@db/x"

NAMES = [
    *("tableName", "id", "page", "status", "before", "notice", "copyOf", "run_at"),
    *("note", "count", "api_token", "payload", "' --", "q", "sort", "after", "at"),
    *("error", "range", "retrying"),
    *("where_note", "where_count", "where_api_token", "where_payload", "where_created_at"),
    *("find.band_id", "findIn", "from.count", "to.created_at", "where_band_id", "column"),
    *(
        "all",
        "confirmed",
        "until",
        f"job_{JOB}",
        "due_at",
        "changed",
        "skipped_x",
        "to",
        "since",
        "format",
    ),
]
texts = st.one_of(
    st.text(max_size=20).map(lambda text: text.encode(errors="surrogatepass")),
    st.binary(max_size=10),
    st.sampled_from(
        [
            TABLE,
            JOB,
            "1",
            "-1",
            "0" * 200,
            "9" * 30,
            "failed",
            "NaN",
            "infinity",
            ATTACK,
            "band_id",
            "{}",
            "\0",
        ]
    ).map(str.encode),
)
parameters = st.dictionaries(st.sampled_from(NAMES), texts, max_size=5)
requests = st.fixed_dictionaries(
    {
        "action": st.one_of(st.sampled_from([*ACTIONS, "assets/x.css"]), st.text(max_size=8)),
        "method": st.sampled_from(["GET", "POST", "HEAD", "PUT", "DELETE", "TRACE", "get"]),
        "names_job": st.booleans(),
        "query": parameters,
        "form": parameters,
        "headers": st.dictionaries(
            st.sampled_from(["Authorization", "Host", "Origin", "Sec-Fetch-Site", "Content-Type"]),
            st.one_of(
                st.sampled_from([LOGIN, "localhost", "cross-site", "same-origin", "null"]),
                st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=12),
            ),
            max_size=2,
        ),
    }
)


def encoded(values: dict[str, bytes]) -> str:
    return "&".join(f"{name}={quote_from_bytes(value)}" for name, value in values.items())


@pytest.fixture
def fuzzed(shop: Database) -> Iterator[Site]:
    shop.run("CREATE TABLE bands (id INT PRIMARY KEY, name TEXT)")
    shop.run("INSERT INTO bands SELECT n, %s FROM generate_series(1, 300) n", ATTACK)
    shop.job_table(
        TABLE,
        *("note TEXT", "count INT CHECK (count > 0)", "api_token TEXT", "payload JSONB"),
        "band_id INT REFERENCES bands (id)",
    )
    auth = BasicAuthStatic("jobs", "hunter2-password")
    dashboard = JobsDashboard(auth=auth, conninfo=shop.conninfo)
    with Site(dashboard) as site:
        yield site
        site.run(dashboard.close())


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(request=requests)
@example(
    request={
        "action": "CreateJob",
        "method": "POST",
        "names_job": True,
        "query": {},
        "form": {"note": ATTACK.encode(), "count": b"0", "api_token": b"x"},
        "headers": {},
    }
)
@example(
    request={
        "action": "ExportJobs",
        "method": "GET",
        "names_job": True,
        "query": {},
        "form": {},
        "headers": {},
    }
)
def test_any_request_gets_a_page_without_a_secret(
    fuzzed: Site, shop: Database, request: dict[str, object]
) -> None:
    values = {"last_error": ERROR, "api_token": "hunter2-column", "note": ATTACK}
    shop.run(f"DELETE FROM {TABLE}")  # noqa: S608 -- the test's own name
    shop.insert(TABLE, id=JOB, status="failed", band_id=7, **values)
    query, form, headers = request["query"], request["form"], request["headers"]
    assert isinstance(query, dict)
    assert isinstance(form, dict)
    assert isinstance(headers, dict)
    if request["names_job"]:
        query = {"tableName": TABLE.encode(), "id": JOB.encode(), **query}
    answer = fuzzed.request(
        str(request["method"]),
        f"/{quote_from_bytes(str(request['action']).encode(errors='replace'))}?{encoded(query)}",
        content=encoded(form).encode(),
        headers={
            "Authorization": LOGIN,
            "Content-Type": "application/x-www-form-urlencoded",
            **{name: value.encode("latin-1") for name, value in headers.items()},
        },
    )
    assert answer.status_code < 500
    assert "hunter2" not in answer.text
    assert "jobgen_runtime" not in answer.text
    if answer.headers.get("Content-Disposition", "").startswith("attachment"):
        assert not answer.headers["Content-Type"].startswith("text/html")
    else:
        assert scripts(answer.text) == []
    for name in HEADERS:
        assert name.lower() in answer.headers
    if answer.status_code >= 400 and request["method"] != "HEAD":
        assert "<h1" in answer.text
        assert '<html lang="en"' in answer.text
