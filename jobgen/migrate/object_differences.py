"""Differences in types, sequences, functions, views, triggers and other objects."""

from __future__ import annotations

from collections.abc import Iterator

from jobgen.migrate.ddl import label_statements
from jobgen.migrate.difference import Difference, Phase, Rank, Report
from jobgen.migrate.objects import Definition, Enum, Sequence
from jobgen.migrate.snapshot import DatabaseSnapshot

Found = Iterator[Difference | Report]

_RANKS = {
    "EXTENSION": Rank.EXTENSION,
    "SCHEMA": Rank.SCHEMA,
    "TYPE": Rank.TYPE,
    "FUNCTION": Rank.FUNCTION,
    "PROCEDURE": Rank.FUNCTION,
    "VIEW": Rank.VIEW,
    "MATERIALIZED VIEW": Rank.VIEW,
    "TRIGGER": Rank.TRIGGER,
    "POLICY": Rank.POLICY,
}
_VIEWS = frozenset({"VIEW", "MATERIALIZED VIEW"})
_ROUTINES = frozenset({"FUNCTION", "PROCEDURE"})


def object_differences(current: DatabaseSnapshot, wanted: DatabaseSnapshot) -> Found:
    """Yield the differences in all objects but tables, columns, constraints and indexes."""
    for name, enum in wanted.enums.items():
        yield from _enum(current.enums.get(name), enum)
    for name, sequence in wanted.sequences.items():
        yield from _sequence(current.sequences.get(name), sequence)
    for key, definition in wanted.definitions.items():
        yield from _definition(current.definitions.get(key), definition, current)
    for kind, name in sorted(wanted.others - current.others):
        yield Report(
            f"{kind} {name}",
            "objects of this kind are not added: run the statement from Schema.sql yourself",
            (),
            missing=True,
        )
    yield from _extra(current, wanted)


def _enum(current: Enum | None, wanted: Enum) -> Found:
    what = f"type {wanted.name}"
    if current is None:
        labels = label_list(wanted)
        yield Difference(
            what,
            (f"CREATE TYPE {wanted.name} AS ENUM ({labels})",),
            Rank.TYPE,
            nodes=(wanted.node,),
        )
        return
    for statement in label_statements(wanted.name, current.labels, wanted.labels):
        yield Difference(f"value of {what}", (statement,), Rank.TYPE, Phase.VALUES)
    extra = [label for label in current.labels if label not in wanted.labels]
    if extra:
        yield Report(
            what,
            f"has values that Schema.sql does not have ({', '.join(extra)})",
            (),
            missing=False,
        )
    kept = [label for label in current.labels if label in wanted.labels]
    if kept != [label for label in wanted.labels if label in current.labels]:
        yield Report(what, "has its values in a different order", (), missing=True)


def label_list(enum: Enum) -> str:
    """Return the labels as they are written in CREATE TYPE … AS ENUM."""
    return ", ".join("'" + label.replace("'", "''") + "'" for label in enum.labels)


def _sequence(current: Sequence | None, wanted: Sequence) -> Found:
    what = f"sequence {wanted.name}"
    if current is None:
        yield Difference(what, (wanted.definition,), Rank.SEQUENCE, nodes=(wanted.node,))
    elif current.definition != wanted.definition:
        change = wanted.definition.replace("CREATE SEQUENCE", "ALTER SEQUENCE", 1)
        sql = change.replace(" CYCLE", "") + (
            " CYCLE" if wanted.definition.endswith(" CYCLE") else " NO CYCLE"
        )
        yield Report(what, "differs", (sql,), missing=True)
    if wanted.owner and wanted.owner_oid and (current is None or current.owner != wanted.owner):
        yield Difference(
            f"owner of {what}",
            (f"ALTER SEQUENCE {wanted.name} OWNED BY {wanted.owner}",),
            Rank.OWNER,
            needs=(wanted.node, ("pg_class", wanted.owner_oid, 0)),
        )


def _definition(current: Definition | None, wanted: Definition, catalog: DatabaseSnapshot) -> Found:
    what = _what(wanted)
    sql = _create(wanted)
    if current is None:
        table = wanted.table_name
        if wanted.kind == "POLICY" and not wanted.permissive and table in catalog.tables:
            yield Report(what, "is restrictive and would take rights away", (sql,), missing=True)
            return
        yield Difference(what, (sql,), _RANKS[wanted.kind], nodes=(wanted.node,), table=table)
    elif current.definition != wanted.definition:
        yield Report(what, "differs", _replace(wanted, sql), missing=True)


def _what(definition: Definition) -> str:
    on = f" on {definition.table_name}" if definition.table_name else ""
    return f"{definition.kind.lower()} {definition.name}{on}"


def _create(definition: Definition) -> str:
    if definition.kind in _VIEWS:
        return f"CREATE {definition.kind} {definition.name}{definition.definition}"
    return definition.definition


def _replace(definition: Definition, create: str) -> tuple[str, ...]:
    if definition.kind in _ROUTINES:
        return (create,)
    if definition.kind == "VIEW":
        return (create.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1),)
    if definition.kind in {"EXTENSION", "SCHEMA"}:
        return ()
    return (_drop(definition), create)


def _drop(definition: Definition) -> str:
    on = f" ON {definition.table_name}" if definition.table_name else ""
    return f"DROP {definition.kind} {definition.name}{on}"


def _extra(current: DatabaseSnapshot, wanted: DatabaseSnapshot) -> Found:
    """Report the objects that only the database has, except for parts of such tables."""
    reason = "not in Schema.sql"
    for name in current.enums.keys() - wanted.enums.keys():
        yield Report(f"type {name}", reason, (f"DROP TYPE {name}",), missing=False)
    for name in current.sequences.keys() - wanted.sequences.keys():
        if current.sequences[name].owner is None:
            yield Report(f"sequence {name}", reason, (f"DROP SEQUENCE {name}",), missing=False)
    for key in current.definitions.keys() - wanted.definitions.keys():
        definition = current.definitions[key]
        if definition.table_name is None or definition.table_name in wanted.tables:
            yield Report(_what(definition), reason, (_drop(definition),), missing=False)
