"""How types, sequences, functions, views, triggers and the like differ."""

from __future__ import annotations

from collections.abc import Iterator

from jobgen.migrate.catalog import Catalog, Definition, Enum, Sequence
from jobgen.migrate.ddl import label_statements
from jobgen.migrate.difference import Difference, Phase, Rank, Report

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


def object_differences(has: Catalog, wanted: Catalog) -> Found:
    """All that is neither a table nor a part of one, and the triggers and policies of tables."""
    for name, enum in wanted.enums.items():
        yield from _enum(has.enums.get(name), enum)
    for name, sequence in wanted.sequences.items():
        yield from _sequence(has.sequences.get(name), sequence)
    for key, definition in wanted.definitions.items():
        yield from _definition(has.definitions.get(key), definition, has)
    for kind, name in sorted(wanted.others - has.others):
        yield Report(
            f"{kind} {name}",
            "jobgen does not add objects of this kind: run its statement from Schema.sql",
            (),
            missing=True,
        )
    yield from _left_over(has, wanted)


def _enum(has: Enum | None, wanted: Enum) -> Found:
    what = f"type {wanted.name}"
    if has is None:
        labels = label_list(wanted)
        yield Difference(
            what,
            (f"CREATE TYPE {wanted.name} AS ENUM ({labels})",),
            Rank.TYPE,
            nodes=(wanted.node,),
        )
        return
    for statement in label_statements(wanted.name, has.labels, wanted.labels):
        yield Difference(f"value of {what}", (statement,), Rank.TYPE, Phase.VALUES)
    extra = [label for label in has.labels if label not in wanted.labels]
    if extra:
        yield Report(
            what, f"has values that Schema.sql lacks ({', '.join(extra)})", (), missing=False
        )
    kept = [label for label in has.labels if label in wanted.labels]
    if kept != [label for label in wanted.labels if label in has.labels]:
        yield Report(what, "has its values in another order", (), missing=True)


def label_list(enum: Enum) -> str:
    """The labels as CREATE TYPE … AS ENUM lists them."""
    return ", ".join("'" + label.replace("'", "''") + "'" for label in enum.labels)


def _sequence(has: Sequence | None, wanted: Sequence) -> Found:
    what = f"sequence {wanted.name}"
    if has is None:
        yield Difference(what, (wanted.definition,), Rank.SEQUENCE, nodes=(wanted.node,))
    elif has.definition != wanted.definition:
        change = wanted.definition.replace("CREATE SEQUENCE", "ALTER SEQUENCE", 1)
        sql = change.replace(" CYCLE", "") + (
            " CYCLE" if wanted.definition.endswith(" CYCLE") else " NO CYCLE"
        )
        yield Report(what, "differs", (sql,), missing=True)
    if wanted.owner and wanted.owner_oid and (has is None or has.owner != wanted.owner):
        yield Difference(
            f"owner of {what}",
            (f"ALTER SEQUENCE {wanted.name} OWNED BY {wanted.owner}",),
            Rank.OWNER,
            needs=(wanted.node, ("pg_class", wanted.owner_oid, 0)),
        )


def _definition(has: Definition | None, wanted: Definition, catalog: Catalog) -> Found:
    what = _what(wanted)
    sql = _create(wanted)
    if has is None:
        table = wanted.table_name
        if wanted.kind == "POLICY" and not wanted.permissive and table in catalog.tables:
            yield Report(what, "takes rights away", (sql,), missing=True)
            return
        yield Difference(what, (sql,), _RANKS[wanted.kind], nodes=(wanted.node,), table=table)
    elif has.definition != wanted.definition:
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


def _left_over(has: Catalog, wanted: Catalog) -> Found:
    """What the database has besides; parts of such tables go with them."""
    reason = "not in Schema.sql"
    for name in has.enums.keys() - wanted.enums.keys():
        yield Report(f"type {name}", reason, (f"DROP TYPE {name}",), missing=False)
    for name in has.sequences.keys() - wanted.sequences.keys():
        if has.sequences[name].owner is None:
            yield Report(f"sequence {name}", reason, (f"DROP SEQUENCE {name}",), missing=False)
    for key in has.definitions.keys() - wanted.definitions.keys():
        definition = has.definitions[key]
        if definition.table_name is None or definition.table_name in wanted.tables:
            yield Report(_what(definition), reason, (_drop(definition),), missing=False)
