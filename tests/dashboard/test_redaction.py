"""Secrets in columns and in errors are on no page, unless the dashboard is told to show them."""

from __future__ import annotations

import time

import pytest
from jobgen_runtime.dashboard import JobsDashboard, NoAuth, redact_secrets
from jobgen_runtime.dashboard.access.redaction import Redaction

from tests.dashboard.sites import Database, MakeSite

TABLE = "scrape_jobs"
SECRETS = [
    ("could not connect to postgresql://shop:{}@db.internal:5432/shop", "hunter2"),
    ("postgresql://shop:{}@db/shop", "hun@ter2"),
    ("redis://:{}@cache:6379/0", "hunter2"),
    ("redis://ada:{}@cache", "hunter2"),
    ("https://{}@github.com/acme/shop", "ghp0123456789abcdefghijkl"),
    ("host=db password={} user=shop", "hunter2"),
    ("host=db password='{}' user=shop", "hunter 2"),
    ('{{"password": "{}", "user": "ada"}}', "hunter2"),
    ("{{'api_key': '{}'}}", "0123abc"),
    ("Key (reset_token)=({}) already exists.", "0123abc"),
    ("GET /hook?access_token={}&x=1", "0123abc"),
    ("Authorization: Bearer {}", "abc.def-ghi"),
    ("authorization: Basic {}", "am9iczpzZWNyZXQ="),
    ("authorization: {}", "tokenized-0123"),
    ("sent Bearer {}", "0123456789abcdef.0123"),
    ("{} is not allowed", "AKIAIOSFODNN7EXAMPLE"),
    ("token {} expired", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-123"),
    ("sk {}", "sk_live_0123456789abcdef"),
    ("-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----", "MIIEow/AB+x"),
    ("cut off: postgresql://shop:{}…", "hunte"),
    ("Key (shop_id, api_token)=(7, {}) already exists.", "0123abc"),
    ("Key (api_token, shop_id)=({}, 7) already exists.", "01(23)a,bc"),
    ("Schlüssel »(lower(trim(api_token)))=({})« existiert bereits.", "0123abc"),
    ("Key (api_token)=(1) conflicts with existing key (api_token)=({}).", "0123abc"),
    ("Key (api_token)=({}", "0123abc"),
    ("DETAIL:  Failing row contains (7, null, {}, 2026-11-30).\nCONTEXT:  x", "01(23)a\nbc"),
    ("not valid (Failing row contains (7, {}).)", "0123abc"),
]
HARMLESS = [
    "http://api.internal:8080/x",
    "no answer from http://api.internal:8080",
    "KeyError: 'password'",
    "max_tokens=4096, token_count: 3 of 5",
    "    conn = connect(password=self.password, token=get_token(request))",
    "Unexpected token in line 3",
    "mailto:ada@example.com",
    "Key (email, shop_id)=(ada@example.com, 7) already exists.",
    "f(x)=(1)",
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_secrets_of_known_forms_are_redacted(text: str, secret: str) -> None:
    redacted = redact_secrets(text.format(secret))
    assert secret not in redacted
    assert "@" not in text or "@" in redacted
    assert "[redacted]" in redacted
    assert redact_secrets(redacted) == redacted


NAMES = [
    *("password", "PASSWD", "passphrase", "pwd", "secret", "Token", "credential", "credentials"),
    *("authorization", "pa\u017fsword"),
    *(
        f"{word}{dash}key"
        for word in ("api", "access", "private", "secret", "signing")
        for dash in ("", "_", "-")
    ),
]
TOKENS = [
    "ASIAIOSFODNN7EXAMPLE",
    "xoxb-0123456789ab",
    "sk-0123456789abcdefgh",
    *(f"gh{letter}_0123456789abcdefghijkl" for letter in "pousr"),
]


@pytest.mark.parametrize("text", [*(f"{name}=hunter2" for name in NAMES), *TOKENS])
def test_secret_is_redacted_in_a_text_without_any_other(text: str) -> None:
    assert "[redacted]" in redact_secrets(f"x {text}")


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_is_left_alone(text: str) -> None:
    assert redact_secrets(text) == text


@pytest.mark.parametrize(
    "part",
    [
        *("a", "eyJ-", "://", "://a:", "password=", "bearer ", "token:'"),
        *("-----BEGIN PRIVATE KEY-----", "(", "(a", "(a(", "((a)", ")=(", "(token)=(", "(a)=(b)"),
        *("Failing row contains (", "Failing row contains (a)", "iban", "iban=("),
    ],
)
def test_redaction_takes_linear_time(part: str) -> None:
    def seconds(length: int) -> float:
        text = part * (length // len(part))
        began = time.process_time()
        redact_secrets(text, ["iban"])
        return time.process_time() - began

    short = min(seconds(20_000) for _ in range(3))
    assert seconds(200_000) < 20 * short + 0.2


def test_errors_and_columns_with_secrets_are_redacted_on_every_page(
    make_site: MakeSite, shop: Database
) -> None:
    shop.job_table(
        TABLE,
        "url TEXT",
        "api_token TEXT",
        "login_password UUID",
        "iban TEXT",
        "token_count INT",
        "secret JSONB NOT NULL DEFAULT '{}'",
    )
    error = 'Traceback (most recent call last):\n  File "x"\nOSError: redis://u:hunter2@cache'
    uuid = "01890000-0000-7000-8000-00000000000a"
    job = shop.insert(
        TABLE,
        status="failed",
        last_error=error,
        url="s3://b",
        api_token="hunter3",
        login_password=uuid,
        iban="DE02-4",
        token_count=44_444,
    )
    shop.insert(TABLE, status="failed", api_token=None)
    shop.run(
        "INSERT INTO job_refusals (job_table, job_id, wanted_status, reason)"
        " VALUES (%s, %s, 'job_status_failed', 'password=hunter5')",
        TABLE,
        job,
    )
    addresses = [
        "/jobs/",
        f"/jobs/ListJob?tableName={TABLE}",
        "/jobs/ListErrors",
        f"/jobs/ViewJob?tableName={TABLE}&id={job}",
        f"/jobs/CreateJob?tableName={TABLE}&copyOf={job}",
    ]

    def pages(**options: object) -> str:
        site = make_site(**options)
        answers = [site.get(address) for address in addresses]
        assert {answer.status_code for answer in answers} == {200}
        return "\n".join(answer.text for answer in answers)

    text = pages(redacted_columns=["iban"])
    for secret in ("hunter", uuid, "DE02-4"):
        assert secret not in text
    assert "redis://u:[redacted]@cache" in text
    assert '<span class="none">redacted</span>' in text
    assert "Api token could not be copied." in text
    assert "44444" in text
    assert "s3://b" in text
    assert "DE02-4" in pages()
    shown = pages(revealed_columns=["api_token", f"{TABLE}.login_password"], redact_errors=False)
    for secret in ("hunter2", "hunter3", uuid):
        assert secret in shown


def test_reason_of_the_database_does_not_repeat_the_row(
    make_site: MakeSite, shop: Database
) -> None:
    shop.job_table(TABLE, "api_token TEXT", "pages INT CHECK (pages > 0)", "note TEXT")
    shop.run(f"CREATE UNIQUE INDEX ON {TABLE} (api_token)")
    site = make_site()
    job = shop.insert(TABLE, api_token="hunter2", status="failed")
    shop.run(f"ALTER TABLE {TABLE} ADD CHECK (status <> 'job_status_not_started') NOT VALID")
    form = {"tableName": TABLE, "id": job}
    answer = site.post("/jobs/RetryJob", form)
    assert answer.status_code == 409
    assert "violates check constraint" in answer.text
    assert "hunter2" not in answer.text
    assert "Failing row" not in answer.text
    shop.run(f"ALTER TABLE {TABLE} DROP CONSTRAINT {TABLE}_status_check")
    answer = site.post("/jobs/CreateJob", {"tableName": TABLE, "api_token": "hunter2"})
    assert answer.status_code == 422
    assert "Key (api_token)=([redacted]) already exists" in answer.text


def test_names_of_columns_decide_and_one_text_is_refused() -> None:
    redaction = Redaction.of(["x.iban"], ["token"], errors=True)
    assert redaction.applies("x", "iban", "text")
    assert not redaction.applies("y", "iban", "text")
    assert not redaction.applies("y", "token", "text")
    assert redaction.applies("y", "Refresh_Token", "varchar")
    assert redaction.applies("y", "stripe_api_key", "bytea")
    assert not redaction.applies("y", "tokens", "text")
    assert not redaction.applies("y", "token_expires_at", "timestamptz")
    with pytest.raises(TypeError, match="redacted_columns"):
        JobsDashboard(auth=NoAuth(), redacted_columns="iban")


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("iban=DE02", "iban=[redacted]"),
        ('{"IBAN": "DE 02"}', '{"IBAN": [redacted]}'),
        ("Job(note='x', iban='DE02')", "Job(note='x', iban=[redacted])"),
        ("Key (note, iban)=(x, DE02) is not", "Key (note, iban)=([redacted]) is not"),
        ("Key (lower(iban))=(de02) already", "Key (lower(iban))=([redacted]) already"),
        ("my_iban=DE02, ibans=3, no iban", "my_iban=DE02, ibans=3, no iban"),
        ("iban=check(account)", "iban=check(account)"),
    ],
)
def test_values_of_named_columns_are_redacted_in_texts(text: str, redacted: str) -> None:
    assert redact_secrets(text, ["iban"]) == redacted
    assert redact_secrets(redacted, ["iban"]) == redacted
    assert redact_secrets(text) == text


def test_configured_columns_are_redacted_in_errors_of_their_table() -> None:
    redaction = Redaction.of(["iban", f"{TABLE}.amount"], [], errors=True)
    text = "iban=DE02 amount=4711"
    assert redaction.redact_error(TABLE, text) == "iban=[redacted] amount=[redacted]"
    assert redaction.redact_error("other_jobs", text) == "iban=[redacted] amount=4711"
    shown = Redaction.of(["iban"], [], errors=False)
    assert shown.redact_error(TABLE, text) == text
    assert shown.redact(TABLE, text) == "iban=[redacted] amount=4711"


@pytest.mark.parametrize(
    ("action", "answer"),
    [
        ("RetryJob", "[redacted]) already exists"),
        ("RunSchedule", "[redacted]) already exists"),
        ("CreateJob", "[redacted]) already exists"),
        ("RetryJobs", "another such job waits"),
    ],
)
@pytest.mark.parametrize("column", ["api_token", "iban"])
def test_refused_change_does_not_repeat_a_redacted_key(
    *, make_site: MakeSite, shop: Database, action: str, answer: str, column: str
) -> None:
    shop.job_table(TABLE, "api_token TEXT", "iban TEXT", "shop INT")
    shop.run(
        f"CREATE UNIQUE INDEX ON {TABLE} (shop, {column})"
        " WHERE status IN ('job_status_not_started', 'job_status_retry')"
    )
    shop.insert(TABLE, shop=7, **{column: "hunter2"})
    job = shop.insert(TABLE, shop=7, status="failed", **{column: "hunter2"})
    shop.run(
        'INSERT INTO job_schedules (name, job_table, expression, "values")'
        " VALUES ('nightly', %s::regclass, '@daily', %s)",
        TABLE,
        f'{{"shop": 7, "{column}": "hunter2"}}',
    )
    form = {"tableName": TABLE, "id": job, f"job_{job}": "1", "confirmed": "1", "name": "nightly"}
    if action == "CreateJob":
        form |= {"shop": "7", column: "hunter2"}
    text = make_site(redacted_columns=["iban"]).post(f"/jobs/{action}", form).text
    assert answer in text
    # The form keeps what was typed into it.
    assert text.count("hunter2") == (action == "CreateJob")


def insert_attempt(shop: Database, job: str, error: str) -> None:
    """Insert a failed attempt of a job into the history of attempts."""
    shop.run(
        "INSERT INTO job_attempts"
        " (job_table, job_id, attempt, outcome, error, started_at, ended_at)"
        " VALUES (%s::regclass, %s, 1, 'failed', %s, now(), now())",
        TABLE,
        job,
        error,
    )


def test_error_of_a_job_does_not_show_a_redacted_column_on_any_page(
    make_site: MakeSite, shop: Database
) -> None:
    shop.job_table(TABLE, "iban TEXT")
    error = (
        'Traceback (most recent call last):\n  File "x", line 1, in pay\n    pay(iban="DE02-4")\n'
        "psycopg.errors.UniqueViolation: duplicate\nDETAIL:  Key (iban)=(DE02-4) already exists."
    )
    job = shop.insert(TABLE, status="failed", iban="DE02-4", last_error=error)
    brief = 'Traceback (most recent call last):\n  File "x", line 1\nValueError: iban=DE02-4'
    shop.insert(TABLE, status="failed", last_error=brief)
    insert_attempt(shop, job, brief)
    shop.run(
        "INSERT INTO job_refusals (job_table, job_id, wanted_status, reason)"
        " VALUES (%s, %s, 'job_status_failed', 'iban=DE02-4')",
        TABLE,
        job,
    )
    site = make_site(redacted_columns=["iban"])
    for address in (
        "",
        f"ListJob?tableName={TABLE}",
        "ListErrors",
        f"ViewJob?tableName={TABLE}&id={job}",
        f"ExportJobs?tableName={TABLE}&format=csv",
        f"ExportJobs?tableName={TABLE}&format=ndjson",
    ):
        answer = site.get(f"/jobs/{address}")
        assert answer.status_code == 200
        assert "iban=[redacted]" in answer.text or "(iban)=([redacted])" in answer.text, address
        assert "DE02-4" not in answer.text, address


def test_error_that_a_job_reports_of_another_is_redacted_and_not_copied(
    make_site: MakeSite, shop: Database
) -> None:
    shop.job_table(TABLE, "failed_table TEXT", "failed_error TEXT")
    error = "OSError: redis://u:hunter2@cache iban=DE02-4"
    job = shop.insert(TABLE, failed_table="x", failed_error=error)
    harmless = shop.insert(TABLE, failed_table="x", failed_error="ValueError: no")
    site = make_site(redacted_columns=["iban"])
    for address in (
        "",
        f"ListJob?tableName={TABLE}",
        f"ViewJob?tableName={TABLE}&id={job}",
        f"ExportJobs?tableName={TABLE}&format=csv",
        f"ExportJobs?tableName={TABLE}&format=ndjson",
    ):
        text = site.get(f"/jobs/{address}").text
        assert "redis://u:[redacted]@cache iban=[redacted]" in text, address
        assert "hunter2" not in text
        assert "DE02-4" not in text
    form = site.get(f"/jobs/CreateJob?tableName={TABLE}&copyOf={job}").text
    assert "Failed error could not be copied." in form
    assert "hunter2" not in form
    assert "[redacted]" not in form
    assert "ValueError: no" in site.get(f"/jobs/CreateJob?tableName={TABLE}&copyOf={harmless}").text
    shown = make_site(redact_errors=False).get(f"/jobs/ViewJob?tableName={TABLE}&id={job}").text
    assert "hunter2" in shown


def test_redacted_column_that_no_table_has_is_named_in_the_log_once(
    make_site: MakeSite, shop: Database, caplog: pytest.LogCaptureFixture
) -> None:
    shop.job_table(TABLE, "iban TEXT")
    matched = ["iban", f"{TABLE}.iban", "last_error", "customers.name", "title"]
    unmatched = ["IBAN", f"{TABLE}.ibn", "other_jobs.iban", f"public.{TABLE}.iban"]
    site = make_site(redacted_columns=[*matched, *unmatched])
    for _ in range(2):
        assert site.get("/jobs/").status_code == 200
    words = "redacted_columns has {!r}, which is not a column of a job table"
    assert sorted(caplog.messages) == sorted(words.format(name) for name in unmatched)


@pytest.mark.parametrize("options", [{}, {"redact_errors": False}])
@pytest.mark.parametrize("name", ["last_error", f"{TABLE}.last_error"])
def test_errors_of_jobs_are_on_no_page_if_their_column_is_redacted(
    make_site: MakeSite, shop: Database, name: str, options: dict[str, bool]
) -> None:
    shop.job_table(TABLE, "note TEXT")
    error = 'Traceback (most recent call last):\n  File "x", line 1, in run\nOSError: Ada is away'
    job = shop.insert(TABLE, status="failed", note="kept", last_error=error)
    shop.insert(TABLE, status="failed", last_error="Bob is away, without an exception")
    insert_attempt(shop, job, error)
    site = make_site(redacted_columns=[name], **options)
    for address in (
        "",
        f"ListJob?tableName={TABLE}",
        "ListErrors",
        f"ViewJob?tableName={TABLE}&id={job}",
        f"ExportJobs?tableName={TABLE}&format=csv",
    ):
        answer = site.get(f"/jobs/{address}")
        assert answer.status_code == 200
        assert "redacted" in answer.text, address
        assert "away" not in answer.text, address
    found = f"ViewJob?tableName={TABLE}&amp;id={job}"
    assert found not in site.get(f"/jobs/ListJob?tableName={TABLE}&q=away").text
    assert found in site.get(f"/jobs/ListJob?tableName={TABLE}&q=kept").text
    assert found in make_site().get(f"/jobs/ListJob?tableName={TABLE}&q=away").text


@pytest.mark.parametrize("name", ["status", "id", f"{TABLE}.run_at"])
def test_column_that_pages_need_cannot_be_redacted(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}' cannot be redacted.*only 'last_error' can"):
        JobsDashboard(auth=NoAuth(), redacted_columns=[name])
    Redaction.of(["customers.status"], [], errors=True)
