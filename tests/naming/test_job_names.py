"""Names of jobs and scripts: every spelling parses to one name, invalid names are refused."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from jobgen.errors import ExitCode, UsageError
from jobgen.naming import JobName, parse_job_name, parse_script_name

EMAIL_CUSTOMERS = JobName("EmailCustomers", "EmailCustomersJob", "email_customers_jobs")
words = st.from_regex(r"[a-z][a-z0-9]{0,7}", fullmatch=True)
camel = st.from_regex(r"([A-Z]{1,4}[a-z0-9]{0,6}){1,5}", fullmatch=True)


@pytest.mark.parametrize(
    "text",
    [
        "EmailCustomers",
        "EmailCustomersJob",
        "EmailCustomersJobs",
        "email_customers",
        "email_customers_job",
        "email_customers_jobs",
        "emailCustomers",
        "EMAIL_CUSTOMERS",
        "Email_Customers",
    ],
)
def test_every_spelling_parses_to_the_same_job(text: str) -> None:
    assert parse_job_name(text) == EMAIL_CUSTOMERS


@pytest.mark.parametrize(
    ("text", "module", "table"),
    [
        ("GenerateURLs", "GenerateURLs", "generate_urls_jobs"),
        ("GenerateURLsJob", "GenerateURLs", "generate_urls_jobs"),
        ("URLSync", "URLSync", "url_sync_jobs"),
        ("UrlSync", "UrlSync", "url_sync_jobs"),
        ("HTTP2Ping", "HTTP2Ping", "http2_ping_jobs"),
        ("S3Upload", "S3Upload", "s3_upload_jobs"),
        ("ImportCSV", "ImportCSV", "import_csv_jobs"),
        ("JobBoardSync", "JobBoardSync", "job_board_sync_jobs"),
        ("sync_URL_DB", "SyncUrlDb", "sync_url_db_jobs"),
        ("UpdateNews", "UpdateNews", "update_news_jobs"),
    ],
)
def test_job_names_keep_acronyms_and_plurals(text: str, module: str, table: str) -> None:
    assert parse_job_name(text) == JobName(module, f"{module}Job", table)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("1st", "starts with a digit"),
        ("Email Customers", "a space"),
        ("Email.Customers", "'.'"),
        ("Email/Customers", "'/'"),
        ("..", "'.'"),
        ("../Evil", "'.'"),
        ("O'Brien", '"\'"'),
        ('Say"Hi"', "'\"'"),
        ("a;DROP TABLE x", "';'"),
        ("Größe", "'ö'"),
        ("邮件", "'邮'"),
        ("Mail📧", "'📧'"),
        ("Mail\n", r"'\n'"),
        ("Mail\0", r"'\x00'"),
        ("_mail", "underscore"),
        ("mail_", "underscore"),
        ("mail__all", "underscore"),
        ("Job", "only the suffix"),
        ("jobs", "only the suffix"),
        ("_jobs", "only the suffix"),
        ("MailJobJob", "twice"),
        ("class", "keyword"),
        ("Import", "keyword"),
        ("None", "keyword"),
        ("Print", "builtin"),
        ("list", "builtin"),
        ("TimeoutError", "builtin"),
        ("x" * 300, "63"),
        ("a" * 59, "64 bytes"),
    ],
)
def test_invalid_job_name_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_job_name(text)
    assert reason in caught.value.message
    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.hint
    assert len(caught.value.message) < 250


def test_job_name_of_58_characters_gives_a_table_name_of_63_bytes() -> None:
    assert len(parse_job_name("a" * 58).table) == 63


# A single letter before a digit reads as an acronym in camel case: A0A is one word.
@given(st.lists(words.filter(lambda word: word[:2].isalpha() and len(word) > 1), max_size=6))
def test_job_names_of_a_snake_case_name_parse_back_to_it(parts: list[str]) -> None:
    assert_names_parse_back("_".join(parts))


@example("AA0aA0aA0a")
@given(camel)
def test_job_names_of_a_camel_case_name_parse_back_to_it(text: str) -> None:
    assert_names_parse_back(text)


def assert_names_parse_back(text: str) -> None:
    try:
        name = parse_job_name(text)
    except UsageError:
        assume(False)
    assert parse_job_name(name.module) == name
    assert parse_job_name(name.record) == name
    assert parse_job_name(name.table).table == name.table


@given(st.text(max_size=80))
def test_any_text_gives_valid_job_names_or_a_usage_error(text: str) -> None:
    try:
        name = parse_job_name(text)
    except UsageError:
        return
    assert name.module.isidentifier()
    assert name.table.isidentifier()
    assert name.table == name.table.lower()


@pytest.mark.parametrize(
    ("text", "module", "job"),
    [
        ("RunEmailCustomersJob", "RunEmailCustomersJob", "EmailCustomersJob"),
        ("run_email_customers_job", "RunEmailCustomersJob", "EmailCustomersJob"),
        ("RunningTotals", "RunningTotals", None),
        ("Run", "Run", None),
        ("Nightly", "Nightly", None),
    ],
)
def test_script_name_tells_which_job_it_enqueues(text: str, module: str, job: str | None) -> None:
    name = parse_script_name(text)
    assert (name.module, name.job) == (module, job)


@pytest.mark.parametrize("text", ["", "a b", "1st", "print", "import", "x" * 300, "../x"])
def test_invalid_script_name_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_script_name(text)
