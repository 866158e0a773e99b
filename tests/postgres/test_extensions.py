"""The development versions of pgcrypto and uuid-ossp, compared with Python and the real ones."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import psycopg
import pytest
from psycopg.rows import scalar_row

from jobgen.errors import JobgenError
from jobgen.postgres import (
    Server,
    missing_extension_hint,
    missing_feature_hint,
    scratch_server,
    temporary_server,
)
from jobgen.postgres.account import server_account
from jobgen.postgres.installed import installed_binaries
from jobgen.schema.introspect.run_schema import run_schema
from jobgen.schema.script.read import read_script
from tests.postgres.test_postgres_command import jobgen
from tests.postgres.users import User
from tests.support.programs import OLD_POSTGRES

Connection = psycopg.Connection[object]

EXTENSIONS = ("pgcrypto", "uuid-ossp")
HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
# Around the lengths at which a block of a hash is full.
LENGTHS = (0, 1, 3, 55, 56, 63, 64, 65, 111, 112, 119, 120, 127, 128, 129, 1000)
TEXTS = ("", "python.org", "Ünïcödé ✓", "a" * 100)
SIGNATURES = """
    SELECT p.oid::regprocedure || ' ' || pg_get_function_arguments(p.oid) || ' '
        || pg_get_function_result(p.oid) || ' ' || concat(provolatile, proisstrict, proparallel)
    FROM pg_proc p
    JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
    JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
    WHERE extname = %s
"""


@pytest.fixture(scope="module")
def development(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """An embedded server with the development versions."""
    with scratch_server(tmp_path_factory.mktemp("project")) as url, connect(url) as conn:
        yield conn


@pytest.fixture(scope="module")
def real() -> Iterator[Connection]:
    """An installed server with the real extensions."""
    binaries = installed_binaries(OLD_POSTGRES.require(), server_account())
    with temporary_server(binaries=binaries) as url, connect(url) as conn:
        yield conn


def connect(url: str) -> Connection:
    conn: Connection = psycopg.connect(url, autocommit=True, row_factory=scalar_row)
    for name in EXTENSIONS:
        conn.execute(f'CREATE EXTENSION "{name}"'.encode())
    return conn


def value(conn: Connection, query: str, *parameters: object) -> object:
    return conn.execute(query.encode(), parameters).fetchone()


def random_bytes(conn: Connection, length: int) -> bytes:
    found = value(conn, "SELECT gen_random_bytes(%s)", length)
    assert isinstance(found, bytes)
    return found


@pytest.mark.parametrize("name", EXTENSIONS)
def test_extension_is_shown_as_development_only(development: Connection, name: str) -> None:
    query = "SELECT comment FROM pg_available_extensions WHERE name = %s"
    assert str(value(development, query, name)).startswith("development only")
    assert value(development, "SELECT extversion FROM pg_extension WHERE extname = %s", name) == (
        "development"
    )


@pytest.mark.parametrize("name", EXTENSIONS)
def test_functions_have_the_signatures_of_the_real_extension(
    development: Connection, real: Connection, name: str
) -> None:
    expected = set(real.execute(SIGNATURES, (name,)))
    assert len(expected) >= 10
    assert set(development.execute(SIGNATURES, (name,))) - expected <= {
        "fips_mode()  boolean vts"  # since version 18
    }
    assert expected <= set(development.execute(SIGNATURES, (name,)))


@pytest.mark.parametrize("name", HASHES)
def test_digest_is_that_of_python(development: Connection, name: str) -> None:
    for length in LENGTHS:
        data = bytes(i % 256 for i in range(length))
        expected = hashlib.new(name, data).digest()
        assert value(development, "SELECT digest(%s::bytea, %s)", data, name) == expected
    for text in TEXTS:
        expected = hashlib.new(name, text.encode()).digest()
        assert value(development, "SELECT digest(%s::text, %s)", text, name.upper()) == expected


@pytest.mark.parametrize("name", HASHES)
def test_hmac_is_that_of_python(development: Connection, name: str) -> None:
    for length in LENGTHS:
        key = bytes(255 - i % 256 for i in range(length))
        expected = hmac.digest(key, b"data", name)
        assert value(development, "SELECT hmac(%s::bytea, %s, %s)", b"data", key, name) == expected
    expected = hmac.digest(b"key", b"data", name)
    assert value(development, "SELECT hmac('data', 'key', %s)", name) == expected


@pytest.mark.parametrize("text", TEXTS)
def test_named_uuids_are_those_of_python(development: Connection, text: str) -> None:
    for namespace, function in (
        (uuid.NAMESPACE_DNS, "uuid_ns_dns()"),
        (uuid.NAMESPACE_URL, "uuid_ns_url()"),
        (uuid.NAMESPACE_OID, "uuid_ns_oid()"),
        (uuid.NAMESPACE_X500, "uuid_ns_x500()"),
    ):
        three, five = uuid.uuid3(namespace, text), uuid.uuid5(namespace, text)
        assert value(development, f"SELECT uuid_generate_v3({function}, %s)", text) == three
        assert value(development, f"SELECT uuid_generate_v5({function}, %s)", text) == five


def test_results_are_those_of_the_real_extensions(
    development: Connection, real: Connection
) -> None:
    query = """
        SELECT array_agg(
            digest(i::text, type)::text || hmac(i::text, repeat(i::text, i), type)::text
            || uuid_generate_v3(uuid_ns_url(), i::text) || uuid_generate_v5(uuid_nil(), i::text)
            ORDER BY i, type
        ) FROM generate_series(1, 50) AS i, unnest(%s::text[]) AS type
    """
    expected = value(real, query, list(HASHES))
    assert expected is not None
    assert value(development, query, list(HASHES)) == expected


@pytest.mark.parametrize("function", ["uuid_generate_v1", "uuid_generate_v1mc"])
def test_time_based_uuid_has_the_time_and_a_random_node(
    development: Connection, function: str
) -> None:
    before = value(development, "SELECT clock_timestamp()")
    made = [value(development, f"SELECT {function}()") for _ in range(100)]
    assert len(set(made)) == len(made)
    for each in made:
        assert isinstance(each, uuid.UUID)
        assert (each.version, each.variant) == (1, uuid.RFC_4122)
        assert each.node >> 40 & 1
        in_time = "SELECT uuid_extract_timestamp(%s) BETWEEN %s AND clock_timestamp()"
        assert value(development, in_time, each, before) is True


def test_random_values_have_the_length_and_no_fixed_bits(development: Connection) -> None:
    for length in (1, 14, 15, 1024):
        assert len(random_bytes(development, length)) == length
    seen = [random_bytes(development, 28) for _ in range(64)]
    for place in range(28):
        ones = [0] * 8
        for each in seen:
            ones = [count + (each[place] >> bit & 1) for bit, count in enumerate(ones)]
        # The chance that a random bit is the same 64 times is 1 in 2^63.
        assert all(0 < count < len(seen) for count in ones)
    four = value(development, "SELECT uuid_generate_v4()")
    assert isinstance(four, uuid.UUID)
    assert four.version == 4
    for length in (0, 1025):
        with pytest.raises(psycopg.Error, match="Length not in range"):
            random_bytes(development, length)


@pytest.mark.parametrize(
    "call",
    [
        "crypt('password', 'salt')",
        "gen_salt('bf')",
        "gen_salt('bf', 8)",
        "encrypt('data', 'key', 'aes')",
        "pgp_sym_encrypt('data', 'key')",
        "armor('data')",
        "pgp_armor_headers('data')",
    ],
)
def test_missing_function_names_the_way_out(development: Connection, call: str) -> None:
    with pytest.raises(psycopg.errors.FeatureNotSupported) as raised:
        development.execute(f"SELECT {call}".encode())
    assert call.partition("(")[0] in str(raised.value)
    assert "[tool.jobgen.postgres]" in str(raised.value.diag.message_hint)


def test_unknown_hash_is_refused(development: Connection) -> None:
    with pytest.raises(psycopg.Error, match='Cannot use "nonsense"'):
        value(development, "SELECT digest('data', 'nonsense')")


def test_extension_may_be_in_another_schema_and_move(tmp_path: Path) -> None:
    with scratch_server(tmp_path) as url, psycopg.connect(url, autocommit=True) as conn:
        conn.execute("CREATE SCHEMA one; CREATE SCHEMA two")
        conn.execute('CREATE EXTENSION "uuid-ossp" SCHEMA one')
        conn.execute("CREATE EXTENSION pgcrypto SCHEMA one")
        conn.execute("ALTER EXTENSION pgcrypto SET SCHEMA two")
        conn.execute("SET search_path TO ''")
        conn.execute("SELECT one.uuid_generate_v1(), one.uuid_generate_v5(one.uuid_nil(), 'x')")
        conn.execute("SELECT two.digest('a', 'sha1'), two.hmac('a', 'b', 'sha1')")


def test_role_without_superuser_may_create_them(tmp_path: Path) -> None:
    with scratch_server(tmp_path) as url, psycopg.connect(url, autocommit=True) as conn:
        conn.execute("CREATE ROLE owner")
        conn.execute("CREATE DATABASE owned OWNER owner")
        with psycopg.connect(url, dbname="owned", options="-c role=owner") as owner:
            for name in EXTENSIONS:
                owner.execute(f'CREATE EXTENSION "{name}"'.encode())


def test_ordinary_user_and_root_have_them(user: User) -> None:
    result = user.run(
        "with temporary_server() as url:\n"
        "    conn = psycopg.connect(url); conn.execute('CREATE EXTENSION pgcrypto')\n"
        "    print(conn.execute(\"SELECT length(digest('a', 'sha1'))\").fetchone()[0])\n"
    )
    assert result.stdout == "20\n", result.stderr


def test_missing_extension_names_both_ways_out(tmp_path: Path) -> None:
    with scratch_server(tmp_path) as url, psycopg.connect(url, autocommit=True) as conn:
        for text, missing in (
            ("CREATE EXTENSION postgis;", "the extension postgis"),
            ("CREATE COLLATION german (provider = icu, locale = 'de');", "ICU"),
        ):
            script = read_script(text, PurePosixPath("Schema.sql"))
            with pytest.raises(JobgenError) as raised:
                run_schema(conn, script, on_scratch=True)
            assert missing in str(raised.value.hint)
            assert "[tool.jobgen.postgres] bin" in str(raised.value.hint)
            assert "DATABASE_URL" in str(raised.value.hint)
    assert "hstore" in missing_extension_hint("hstore")
    assert missing_feature_hint("division by zero") is None


def test_use_of_an_extension_that_was_not_created_names_its_statement(tmp_path: Path) -> None:
    with scratch_server(tmp_path) as url, psycopg.connect(url, autocommit=True) as conn:
        conn.execute("CREATE TABLE names (name TEXT)")
        for text, extension in (
            ("CREATE TABLE a (id UUID DEFAULT uuid_generate_v4());", "uuid-ossp"),
            ("CREATE TABLE a (id UUID DEFAULT public.uuid_generate_v1mc());", "uuid-ossp"),
            ("CREATE TABLE a (key BYTEA DEFAULT gen_random_bytes(8));", "pgcrypto"),
            ("CREATE TABLE a (email citext);", "citext"),
            ("CREATE TABLE a (emails public.citext[]);", "citext"),
            ("CREATE INDEX ON names USING gin (name gin_trgm_ops);", "pg_trgm"),
            ("CREATE TABLE a (embedding vector(3));", "vector"),
        ):
            script = read_script(text, PurePosixPath("Schema.sql"))
            with pytest.raises(JobgenError) as raised:
                run_schema(conn, script, on_scratch=True)
            assert f'CREATE EXTENSION "{extension}";' in str(raised.value.hint)
        own = read_script("CREATE TABLE a (id vectors);", PurePosixPath("Schema.sql"))
        with pytest.raises(JobgenError) as raised:
            run_schema(conn, own, on_scratch=True)
        assert raised.value.hint is None


def test_schema_with_both_extensions_is_migrated_and_checked(project: Path) -> None:
    schema = project / "Application/Schema.sql"
    schema.parent.mkdir()
    schema.write_text(
        'CREATE EXTENSION IF NOT EXISTS "uuid-ossp";\n'
        "CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;\n"
        "COMMENT ON EXTENSION pgcrypto IS 'cryptographic functions';\n"
        "CREATE TABLE users (\n"
        "    id UUID DEFAULT uuid_generate_v4() PRIMARY KEY NOT NULL,\n"
        "    token TEXT DEFAULT encode(gen_random_bytes(16), 'hex') NOT NULL,\n"
        "    email TEXT NOT NULL,\n"
        "    email_hash BYTEA GENERATED ALWAYS AS (digest(email, 'sha256')) STORED\n"
        ");\n"
        "CREATE FUNCTION authenticate(email TEXT, password TEXT) RETURNS boolean LANGUAGE sql AS\n"
        "    $$ SELECT crypt(password, gen_salt('bf')) IS NOT NULL $$;\n"
    )
    migrated = jobgen(project, "migrate", "--yes")
    assert migrated.returncode == 0, migrated.stderr
    checked = jobgen(project, "migrate", "--check")
    assert checked.returncode == 0, checked.stdout
    with psycopg.connect(Server(project).start()) as conn:
        conn.execute("INSERT INTO users (email) VALUES ('someone@example.org')")
        row = conn.execute("SELECT length(token), email_hash FROM users").fetchone()
    assert row == (32, hashlib.sha256(b"someone@example.org").digest())
