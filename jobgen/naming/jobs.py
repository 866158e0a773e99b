"""The names of a job and of a script, from any spelling of them."""

from __future__ import annotations

import builtins
import keyword
import re
from dataclasses import dataclass

from jobgen_runtime.job_table.names import MAX_IDENTIFIER_BYTES
from jobgen_runtime.project import camel_case, snake_case, split_words

from jobgen.errors import UsageError

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*")
_SUFFIXES = ("job", "jobs")
_TAKEN = frozenset(dir(builtins)) | frozenset(keyword.kwlist)
_MAX_FILE_STEM = 200
"""Bytes; leaves room in the 255 of common file systems for `.py` and a temporary suffix."""


@dataclass(frozen=True, slots=True)
class JobName:
    """What one job is called: `EmailCustomers`, `EmailCustomersJob`, `email_customers_jobs`."""

    module: str
    record: str
    table: str


@dataclass(frozen=True, slots=True)
class ScriptName:
    """What one script is called: the name of its module."""

    module: str

    @property
    def job(self) -> str | None:
        """The job that a script of this name starts: `EmailCustomersJob` of
        `RunEmailCustomersJob`; None where the name does not say so."""
        words = split_words(self.module)
        return self.module[3:] if words[0].lower() == "run" and len(words) > 1 else None


def parse_job_name(text: str) -> JobName:
    """The job that `text` means: its module, record or table, in any of their spellings.

    Only the suffix (`Job`, `Jobs`, `_job`, `_jobs`) is dropped, nothing is singularised, and
    acronyms survive: `GenerateURLs` is `generate_urls_jobs`. Raises UsageError for what cannot
    be a name, and for one whose table would pass the 63 bytes of an identifier.
    """
    words = _words(text, "job")
    if words[-1].lower() in _SUFFIXES:
        words.pop()
    if not words:
        raise UsageError(
            f"{text!r} is only the suffix of a job's name.",
            hint="Say what the job does, for example: jobgen job EmailCustomers",
        )
    if words[-1].lower() in _SUFFIXES:
        raise UsageError(
            f"{text!r} ends in the suffix of a job's name twice.",
            hint=f"One is added anyway: jobgen job {camel_case(words[:-1]) or 'EmailCustomers'}",
        )
    module = camel_case(words)
    _refuse_taken(text, module, "job")
    table = f"{snake_case(module)}_jobs"
    if len(table) > MAX_IDENTIFIER_BYTES:
        raise UsageError(
            f"The job's name is too long: its table {_shown(table)} would have {len(table)} bytes,"
            f" and PostgreSQL allows {MAX_IDENTIFIER_BYTES}.",
            hint="Choose a shorter name.",
        )
    return JobName(module=module, record=f"{module}Job", table=table)


def parse_script_name(text: str) -> ScriptName:
    """The script that `text` means: `run_reports` and `RunReports` are one.

    Raises UsageError for what cannot be a name.
    """
    module = camel_case(_words(text, "script"))
    _refuse_taken(text, module, "script")
    if len(module) > _MAX_FILE_STEM:
        raise UsageError(
            f"The script's name {_shown(module)} has {len(module)} characters; "
            f"a file's name allows {_MAX_FILE_STEM}.",
            hint="Choose a shorter name.",
        )
    return ScriptName(module)


def _words(text: str, kind: str) -> list[str]:
    """The words of a name that has the right form."""
    if not text.strip():
        raise UsageError(f"The {kind}'s name is empty.", hint=_example(kind))
    if text.lower() == "_job" or text.lower() == "_jobs":
        return [text[1:]]
    if not _NAME.fullmatch(text):
        raise UsageError(
            f"{_shown(text)} cannot be a {kind}'s name: {_fault(text)}.", hint=_example(kind)
        )
    return split_words(text.lower() if "_" in text and text.isupper() else text)


def _fault(text: str) -> str:
    """What is wrong with a name, as the end of a sentence."""
    for character in text:
        if not (character.isascii() and (character.isalnum() or character == "_")):
            what = "a space" if character == " " else repr(character)
            return f"it has {what} in it, and only letters (A to Z), digits and underscores may be"
    if text[0].isdigit():
        return "it starts with a digit"
    return "an underscore may only stand between two words"


def _refuse_taken(text: str, module: str, kind: str) -> None:
    for spelling in (module, snake_case(module)):
        if spelling in _TAKEN:
            what = "keyword" if keyword.iskeyword(spelling) else "builtin"
            raise UsageError(
                f"{text!r} cannot be a {kind}'s name: {spelling} is a {what} of Python.",
                hint=f"Say more, for example {module}{'Data' if kind == 'job' else 'Script'}.",
            )


def _example(kind: str) -> str:
    name = "EmailCustomers" if kind == "job" else "RunEmailCustomersJob"
    return f"A name is like {name} or {snake_case(name)}."


def _shown(text: str) -> str:
    return repr(text) if len(text) <= 80 else f"{text[:60]!r}…"
