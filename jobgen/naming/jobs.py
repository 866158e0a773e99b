"""The names of jobs and scripts, parsed from any spelling."""

from __future__ import annotations

import builtins
import keyword
import re
from dataclasses import dataclass

from jobgen_runtime.job_table.names import JOB_TABLE_SUFFIX, MAX_IDENTIFIER_BYTES
from jobgen_runtime.project import camel_case, snake_case, split_words

from jobgen.errors import UsageError

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*")
_SUFFIXES = ("job", "jobs")
_RESERVED = frozenset(dir(builtins)) | frozenset(keyword.kwlist)
_MAX_FILE_STEM = 200
"""Bytes. Common file systems allow 255; the rest is for `.py` and a temporary suffix."""


@dataclass(frozen=True, slots=True)
class JobName:
    """The names of one job: `EmailCustomers`, `EmailCustomersJob`, `email_customers_jobs`."""

    module: str
    record: str
    table: str


@dataclass(frozen=True, slots=True)
class ScriptName:
    """The name of one script, which is the name of its module."""

    module: str

    @property
    def job(self) -> str | None:
        """The name of the job that the script enqueues, None if its name has no job in it.

        `RunEmailCustomersJob` enqueues `EmailCustomersJob`.
        """
        words = split_words(self.module)
        return self.module[3:] if words[0].lower() == "run" and len(words) > 1 else None


def parse_job_name(text: str) -> JobName:
    """Parse the name of a job's module, record or table, in any spelling.

    Only the suffix (`Job`, `Jobs`, `_job`, `_jobs`) is dropped, nothing is singularised, and
    acronyms survive: `GenerateURLs` becomes `generate_urls_jobs`.

    Raises:
        UsageError: `text` is not a valid name, or its table's name would be longer than 63 bytes.
    """
    words = _words(text, "job")
    if words[-1].lower() in _SUFFIXES:
        words.pop()
    if not words:
        raise UsageError(
            f"{text!r} is only the suffix of a job name.",
            hint="Name what the job does, for example: jobgen job EmailCustomers",
        )
    if words[-1].lower() in _SUFFIXES:
        raise UsageError(
            f"{text!r} ends in the suffix of a job name twice.",
            hint="The suffix is added for you: run"
            f" `jobgen job {camel_case(words[:-1]) or 'EmailCustomers'}`.",
        )
    module = camel_case(words)
    _refuse_reserved(text, module, "job")
    table = f"{snake_case(module)}{JOB_TABLE_SUFFIX}"
    if len(table) > MAX_IDENTIFIER_BYTES:
        raise UsageError(
            f"The job name is too long: its table {_shortened(table)} would have {len(table)}"
            f" bytes, and PostgreSQL allows {MAX_IDENTIFIER_BYTES}.",
            hint="Choose a shorter name.",
        )
    return JobName(module=module, record=f"{module}Job", table=table)


def parse_script_name(text: str) -> ScriptName:
    """Parse the name of a script: `run_reports` and `RunReports` name the same one.

    Raises:
        UsageError: `text` is not a valid name, or too long for a file's name.
    """
    module = camel_case(_words(text, "script"))
    _refuse_reserved(text, module, "script")
    if len(module) > _MAX_FILE_STEM:
        raise UsageError(
            f"The script name {_shortened(module)} has {len(module)} characters;"
            f" at most {_MAX_FILE_STEM} are allowed.",
            hint="Choose a shorter name.",
        )
    return ScriptName(module)


def _words(text: str, kind: str) -> list[str]:
    """Split a name into its words, or raise UsageError if its form is not valid."""
    if not text.strip():
        raise UsageError(f"The {kind} name is empty.", hint=_example(kind))
    if text.lower() == "_job" or text.lower() == "_jobs":
        return [text[1:]]
    if not _NAME.fullmatch(text):
        raise UsageError(
            f"{_shortened(text)} is not a valid {kind} name: {_fault(text)}.", hint=_example(kind)
        )
    return split_words(text.lower() if "_" in text and text.isupper() else text)


def _fault(text: str) -> str:
    """Describe the fault of an invalid name, as the end of a sentence."""
    for character in text:
        if not (character.isascii() and (character.isalnum() or character == "_")):
            found = "a space" if character == " " else repr(character)
            return f"it contains {found}; only letters (A to Z), digits and underscores are allowed"
    if text[0].isdigit():
        return "it starts with a digit"
    return "an underscore must stand between two words"


def _refuse_reserved(text: str, module: str, kind: str) -> None:
    for spelling in (module, snake_case(module)):
        if spelling in _RESERVED:
            owner = "keyword" if keyword.iskeyword(spelling) else "builtin"
            raise UsageError(
                f"{text!r} is not a valid {kind} name: {spelling} is a Python {owner}.",
                hint="Choose a more specific name, for example"
                f" {module}{'Data' if kind == 'job' else 'Script'}.",
            )


def _example(kind: str) -> str:
    name = "EmailCustomers" if kind == "job" else "RunEmailCustomersJob"
    return f"Use a name like {name} or {snake_case(name)}."


def _shortened(text: str) -> str:
    return repr(text) if len(text) <= 80 else f"{text[:60]!r}…"
