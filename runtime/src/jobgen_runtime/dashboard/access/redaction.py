"""Keep secrets off the pages: columns that hold them, and those in the text of errors. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

from jobgen_runtime.job_table.columns import JOB_COLUMNS

REDACTED = "[redacted]"
LAST_ERROR = "last_error"
_NEEDED = frozenset(JOB_COLUMNS) - {LAST_ERROR}

_SECRET_WORDS = {"password", "passwd", "passphrase", "pwd", "secret", "token", "apikey"} | {
    "credential",
    "credentials",
    "authorization",
}
_SECRET_PAIRS = ("api_key", "access_key", "private_key", "secret_key", "signing_key")
_PLAIN_TYPES = {"int2", "int4", "int8", "numeric", "float4", "float8", "bool"} | {
    "date",
    "time",
    "timetz",
    "timestamp",
    "timestamptz",
    "interval",
}
"""Types whose values are not secrets, such as that of `token_count`."""

_REFERENCE_NAMES = frozenset({"name", "title", "label", "slug"})
"""The columns of referenced tables that pages show."""

_NAME = (
    r"(?:password|passwd|passphrase|pwd|secret|token|credentials?|authorization"
    r"|(?:api|access|private|secret|signing)[_-]?key)"
)
_SCHEME = r"(?:basic|bearer|token)"
_VALUE = r"""(?:'[^'\n]{1,500}'|"[^"\n]{1,500}"|[^\s"',;&()\[\]{}<>]{1,500})"""
_CODE = r"(?:self|cls|os|settings|config)\.|[a-z_]\w{0,60}\("

# Each part begins with a literal or one character and repeats at most some hundreds, so the time is
# linear in the length of the text. Only single characters are repeated possessively: Python 3.11.2
# may keep a part of what a possessive group has tried last.
_SECRETS = re.compile(
    rf"""
      (?P<url>://[^\s/:@]{{0,100}}:)(?!\d{{1,5}}(?:[/\s…]|$))(?:[^\s/]{{1,300}}(?P<at>@)|[^\s/@]{{1,300}}(?:…|$))
    | (?P<bare>://)[^\s/:@]{{20,300}}@
    | (?P<name>{_NAME}["')\]]{{0,2}}\s{{0,3}}[=:]\s{{0,3}}[(]?
        (?:{_SCHEME}\s{{1,3}}|(?!{_SCHEME}\s)))
      (?!{_CODE}){_VALUE}
    | (?P<bearer>bearer\s{{1,3}})[\w+/=.~-]{{16,500}}
    | \b(?:AKIA|ASIA)[A-Z0-9]{{16}}\b
    | \bgh[pousr]_\w{{20,255}}
    | \bxox[abeprs]-[\w-]{{10,200}}
    | \bsk[-_][\w-]{{16,200}}
    | \beyJ[\w-]{{10,400}}+\.[\w-]{{10,500}}+\.?[\w-]{{0,500}}
    | (?P<key>-----BEGIN\ [A-Z ]{{0,30}}PRIVATE\ KEY-----)[^-]{{1,10000}}
    | (?P<row>Failing\ row\ contains\ \()(?:[^)]|\)(?!\.(?:[\n)"'\\]|$))){{1,10000}}
    """,
    re.VERBOSE | re.IGNORECASE,
)

_WORDS = r"[^()\n]"
_CALL = rf"\({_WORDS}*+\)"
_CALLS = rf"\((?:{_WORDS}++|{_CALL})*\)"
_KEY = re.compile(
    rf"(?P<columns>\((?:{_WORDS}++|{_CALLS})*\))=\("
    r"(?:[^\n]{0,2000}(?=\) \w)|[^\n]{0,2000}(?=\))|[^\n]{1,2000})"
)
"""A key that PostgreSQL repeats, in any language: `Key (email, lower(iban))=(ada, de02) is …`."""


_HINTS = (
    *("://", "password", "passwd", "passphrase", "pwd", "secret", "token", "credential"),
    *("authorization", "bearer", "akia", "asia", "xox", "sk-", "sk_", "eyj", "private key"),
    *(f"{word}{dash}key" for word in ("api", "access", "private", "signing") for dash in "_-"),
    *("apikey", "accesskey", "privatekey", "signingkey"),
    *(f"gh{letter}_" for letter in "pousr"),
    "failing row",
)
"""Texts of which every secret has one. Most errors have none, and need no search for secrets."""


_KEPT = ("url", "bare", "name", "bearer", "key", "row")
"""The groups that say what a secret is, and are not secret."""


def redact_secrets(text: str, columns: Iterable[str] = ()) -> str:
    """Return a text without the passwords of addresses, tokens and keys that it has.

    They are found by their form: `postgresql://user:…@host`, `password=…`, `"api_key": "…"`,
    `Authorization: Bearer …`, private keys, the tokens of some well-known services, and the rows
    and keys that PostgreSQL repeats where it refuses them.

    Args:
        text: The text, such as a job's `last_error`.
        columns: Further names whose values are redacted, in `iban=…` or `Key (iban)=(…)`.
    """
    names, folded = tuple(columns), text.casefold()
    folded_names = frozenset(name.casefold() for name in names)
    if ")=(" in text:
        text = _KEY.sub(partial(_key_replacement, folded_names), text)
    # Most errors have none of the names, and need no search for their values.
    if any(name in folded for name in folded_names):
        text = _named(names).sub(rf"\g<name>{REDACTED}", text)
    if not any(hint in folded for hint in _HINTS):
        return text
    return _SECRETS.sub(_replacement, text)


@lru_cache
def _named(columns: tuple[str, ...]) -> re.Pattern[str]:
    """Return the pattern of columns with a value, as in `iban=…`."""
    names = "|".join(map(re.escape, columns))
    return re.compile(
        rf"""(?P<name>(?<!\w)(?:{names})["')\]]{{0,2}}\s{{0,3}}[=:]\s{{0,3}})(?!{_CODE}){_VALUE}""",
        re.IGNORECASE,
    )


def _key_replacement(columns: frozenset[str], match: re.Match[str]) -> str:
    names = re.split(r'[(),"]+', match["columns"].casefold())
    if any(name.strip() in columns or _is_secret_name(name.strip()) for name in names):
        return f"{match['columns']}=({REDACTED}"
    return match[0]


def _replacement(match: re.Match[str]) -> str:
    found = match.groupdict()
    start = next((found[name] for name in _KEPT if found[name]), "")
    end = "@" if found["at"] or found["bare"] else ""
    return f"{start}{REDACTED}{end}"


@dataclass(frozen=True)
class Redaction:
    """Which columns are redacted, by the name of the column or as "table.column"."""

    redacted: frozenset[str] = frozenset()
    revealed: frozenset[str] = frozenset()
    errors: bool = True
    """Whether secrets are redacted in the errors of jobs."""

    @classmethod
    def of(cls, redacted: Iterable[str], revealed: Iterable[str], *, errors: bool) -> Redaction:
        """Redact and reveal columns besides those whose names are those of secrets.

        Raises:
            TypeError: One of them is one text instead of a list.
            ValueError: Pages need a column that is to be redacted.
        """
        for option, names in (("redacted_columns", redacted), ("revealed_columns", revealed)):
            if isinstance(names, str):
                raise TypeError(f"{option}: write [{names!r}] instead of {names!r}.")
        redacted = frozenset(redacted)
        for name in redacted:
            table, _, column = name.rpartition(".")
            if column in _NEEDED and (not table or table.endswith("_jobs")):
                raise ValueError(
                    f"redacted_columns: {name!r} cannot be redacted. Of the columns that every job "
                    f"has, only {LAST_ERROR!r} can be."
                )
        return cls(frozenset(redacted), frozenset(revealed), errors)

    def applies(self, table: str, column: str, base: str) -> bool:
        """Return whether pages do not show a column of the type `base`."""
        names = {column, f"{table}.{column}"}
        if names & self.redacted:
            return True
        return not names & self.revealed and base not in _PLAIN_TYPES and _is_secret_name(column)

    def redact(self, table: str, text: str) -> str:
        """Return what the database says about a table, without secrets."""
        return redact_secrets(text, _redacted_names(self.redacted, table))

    def redact_error(self, table: str, error: str) -> str:
        """Return the error of a job of a table as pages show it."""
        if self.applies(table, LAST_ERROR, "text"):
            return REDACTED
        return self.redact(table, error) if self.errors else error

    def unmatched(self, tables: Mapping[str, Collection[str]]) -> list[str]:
        """Return the names of redacted columns that no job table has, such as misspelled ones.

        Names that may be meant for a table that is referenced are left out.

        Args:
            tables: The columns of each job table, by its name without the schema.
        """
        return sorted(name for name in self.redacted if not _is_matched(name, tables))


DEFAULT_REDACTION = Redaction()


def _is_matched(name: str, tables: Mapping[str, Collection[str]]) -> bool:
    table, dot, column = name.rpartition(".")
    if not dot:
        return column in _REFERENCE_NAMES or any(column in each for each in tables.values())
    if table in tables:
        return column in tables[table]
    return not (table.endswith("_jobs") or "." in table)


@lru_cache
def _redacted_names(redacted: frozenset[str], table: str) -> tuple[str, ...]:
    """Return the names that are redacted in texts about a table, without that of the table."""
    names = {name.removeprefix(f"{table}.") for name in redacted}
    return tuple(sorted(name for name in names if "." not in name))


def _is_secret_name(column: str) -> bool:
    name = column.lower()
    return not _SECRET_WORDS.isdisjoint(name.split("_")) or any(
        pair in name for pair in _SECRET_PAIRS
    )
