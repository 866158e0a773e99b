"""Statements that add an index or a constraint without blocking writers of its table."""

from __future__ import annotations

import re

_INDEX = re.compile(r"CREATE (UNIQUE )?INDEX (?!ON |CONCURRENTLY )(\S)")
_KEY = re.compile(
    r"ALTER TABLE ONLY (?P<table>\S.*?)\n    ADD CONSTRAINT (?P<name>.+?) "
    r"(?P<kind>UNIQUE|PRIMARY KEY)(?P<nulls> NULLS NOT DISTINCT)? (?P<columns>\(.*?\))"
    r"(?P<include> INCLUDE \(.*?\))?(?P<options> WITH \(.*?\))?"
    r"(?P<deferrable>(?: DEFERRABLE)?(?: INITIALLY DEFERRED)?);(?P<more>.*)",
    re.DOTALL,
)
_CHECKED = re.compile(
    r"ALTER TABLE (?:ONLY )?(?P<table>\S.*?)\n    ADD CONSTRAINT (?P<name>.+?) "
    r"(?:CHECK|FOREIGN KEY) \(.*;",
    re.DOTALL,
)
_TEMPORAL = " WITHOUT OVERLAPS)"
_NOT_VALID = " NOT VALID"
_NOT_ENFORCED = " NOT ENFORCED"


def online_form(kind: str, text: str) -> tuple[str, ...]:
    """Return statements, each with its semicolon, that do the same as `text` does.

    Args:
        kind: What `text` adds, in pg_dump's words.
        text: The statements as pg_dump writes them.

    Returns:
        The statements, which have to run outside of a transaction; () where there is no other way.
        The first one for a PRIMARY KEY or UNIQUE creates its index.
    """
    match kind:
        case "INDEX":
            return _index(text)
        case "CONSTRAINT":
            return _key(text)
        case "CHECK CONSTRAINT" | "FK CONSTRAINT":
            return _checked(text)
        case _:
            return ()


def validation(text: str) -> tuple[str, ...]:
    """Return the statement that validates the constraint that `text` adds, () for another text."""
    found = _CHECKED.fullmatch(text)
    if found is None:
        return ()
    return (f"ALTER TABLE {found['table']} VALIDATE CONSTRAINT {found['name']};",)


def including_partitions(text: str) -> str:
    """Return the statement that adds a key or an index to a table and to all its partitions."""
    if text.startswith("CREATE "):
        return text.replace(" ON ONLY ", " ON ", 1)
    return text.replace("ALTER TABLE ONLY ", "ALTER TABLE ", 1)


def without_not_valid(text: str) -> str:
    """Return the text of a constraint as if it had been validated."""
    return text.removesuffix(";").removesuffix(_NOT_VALID) + ";" if text else text


def _index(text: str) -> tuple[str, ...]:
    changed = _INDEX.sub(r"CREATE \1INDEX CONCURRENTLY \2", text, count=1)
    if changed == text or " ON ONLY " in text.partition("(")[0]:
        return ()
    statement, _, more = changed.partition(";\n")
    return (f"{statement.removesuffix(';')};", *((more.strip(),) if more.strip() else ()))


def _key(text: str) -> tuple[str, ...]:
    found = _KEY.fullmatch(text)
    if found is None or found["columns"].endswith(_TEMPORAL):
        return ()
    table, name = found["table"], found["name"]
    index = (
        f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} USING btree {found['columns']}"
        f"{found['include'] or ''}{found['nulls'] or ''}{found['options'] or ''};"
    )
    constraint = (
        f"ALTER TABLE {table} ADD CONSTRAINT {name} {found['kind']} USING INDEX {name}"
        f"{found['deferrable']};"
    )
    more = (found["more"].strip(),) if found["more"].strip() else ()
    return (index, constraint, *more)


def _checked(text: str) -> tuple[str, ...]:
    if text.endswith((f"{_NOT_VALID};", f"{_NOT_ENFORCED};")) or not (after := validation(text)):
        return ()
    return (f"{text.removesuffix(';')}{_NOT_VALID};", *after)
