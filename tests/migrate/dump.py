"""What `pg_dump` prints about a database, as an independent judge of what is in it."""

from __future__ import annotations

import re
import subprocess

from jobgen.postgres.account import server_account
from jobgen.postgres.embedded import embedded_binaries

_HEADER = re.compile(r"^-- (Name: .*; Type: .*; Schema: .*); Owner: .*$", re.MULTILINE)
_END = "--\n-- PostgreSQL database dump complete\n--\n\n"
# A random word, which newer versions print around a dump.
_RESTRICT = re.compile(r"^\\(un)?restrict .*\n", re.MULTILINE)


def dump(url: str, *options: str) -> str:
    """Return the text of `pg_dump --schema-only`, by the newest version here."""
    return _run("pg_dump", "--schema-only", *options, "-d", url)


def dump_of_server(url: str) -> str:
    """Return the text of `pg_dumpall --schema-only`: roles, settings, and all databases."""
    return _RESTRICT.sub("", _run("pg_dumpall", "--schema-only", "-d", url))


def entries(url: str, *options: str) -> dict[str, str]:
    """Return the entries of a database's dump by their headers, in the dump's order."""
    text = _RESTRICT.sub("", dump(url, *options)).removesuffix(_END)
    parts = _HEADER.split(text)[1:]
    return {
        header: body.partition("\n\n")[2].rsplit("\n--\n", 1)[0].strip()
        for header, body in zip(parts[::2], parts[1::2], strict=True)
    }


def run_psql(url: str, *arguments: str, text: str | None = None) -> None:
    """Run psql, which must succeed."""
    command = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "-d", url, *arguments)
    _run("psql", *command, text=text)


def _run(program: str, *arguments: str, text: str | None = None) -> str:
    ran = subprocess.run(
        [embedded_binaries(server_account()).program(program), *arguments],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
