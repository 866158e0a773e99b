"""Differences in constraints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from jobgen.migrate.ddl import concurrently, constraint_index
from jobgen.migrate.difference import Difference, Phase, Rank, Report
from jobgen.migrate.objects import Constraint
from jobgen.migrate.snapshot import DatabaseSnapshot

Found = Iterator[Difference | Report]

_DEFERRABLE = re.compile(r"( DEFERRABLE.*)$")
# Types that are added to a filled table as NOT VALID and validated afterwards.
_VALIDATED_LATER = frozenset({"c", "f"})


def constraint_differences(
    current: DatabaseSnapshot, wanted: DatabaseSnapshot, filled: AbstractSet[str]
) -> Found:
    """Yield the differences in constraints of existing tables and in all foreign keys.

    `filled` names the tables that have rows.
    """
    missing = [
        constraint
        for key, constraint in wanted.constraints.items()
        if key not in current.constraints and (key[0] in current.tables or constraint.type == "f")
    ]
    spare = [
        constraint
        for key, constraint in current.constraints.items()
        if key not in wanted.constraints and key[0] in wanted.tables
    ]
    for constraint in missing:
        # The same constraint under another name is enough.
        equivalent = next((other for other in spare if _same_constraint(other, constraint)), None)
        if equivalent is not None:
            spare.remove(equivalent)
        else:
            yield from _new_constraint(constraint, current, filled)
    for key, constraint in wanted.constraints.items():
        old = current.constraints.get(key)
        if old is not None and old.definition != constraint.definition:
            yield _changed_constraint(old, constraint)
    for constraint in spare:
        yield Report(
            f"constraint {constraint.name} on {constraint.table_name}",
            "not in Schema.sql",
            (_drop(constraint),),
            missing=False,
        )


def _same_constraint(one: Constraint, other: Constraint) -> bool:
    return (one.table_name, one.definition) == (other.table_name, other.definition)


def _drop(constraint: Constraint) -> str:
    return f"ALTER TABLE {constraint.table_name} DROP CONSTRAINT {constraint.name}"


def _add(constraint: Constraint, definition: str) -> str:
    return f"ALTER TABLE {constraint.table_name} ADD CONSTRAINT {constraint.name} {definition}"


def _validate(constraint: Constraint) -> str:
    return f"ALTER TABLE {constraint.table_name} VALIDATE CONSTRAINT {constraint.name}"


def _has_primary_key(snapshot: DatabaseSnapshot, table_name: str) -> bool:
    return any(
        constraint.type == "p" and constraint.table_name == table_name
        for constraint in snapshot.constraints.values()
    )


def _new_constraint(
    constraint: Constraint, current: DatabaseSnapshot, filled: AbstractSet[str]
) -> Found:
    what = f"constraint {constraint.name} on {constraint.table_name}"
    if constraint.type == "p" and _has_primary_key(current, constraint.table_name):
        yield Report(
            what,
            "the table has another primary key",
            (_add(constraint, constraint.definition),),
            missing=True,
            nodes=(constraint.node,),
        )
        return
    plain = Difference(
        what,
        (_add(constraint, constraint.definition),),
        Rank.CONSTRAINT,
        nodes=(constraint.node,),
        table=constraint.table_name,
    )
    online = constraint.table_name in filled and not constraint.partitioned
    unchecked = constraint.definition.endswith((" NOT VALID", " NOT ENFORCED"))
    if online and constraint.type in _VALIDATED_LATER and not unchecked:
        yield Difference(
            what,
            (_add(constraint, f"{constraint.definition} NOT VALID"),),
            Rank.CONSTRAINT,
            nodes=(constraint.node,),
            table=constraint.table_name,
        )
        yield Difference(
            f"validation of {constraint.name} on {constraint.table_name}",
            (_validate(constraint),),
            Rank.VALIDATION,
            Phase.ONLINE,
            needs=(constraint.node,),
            table=constraint.table_name,
        )
    elif online and constraint.index_definition and "USING btree" in constraint.index_definition:
        yield _constraint_from_index(constraint, constraint.index_definition, what, current)
    else:
        yield plain


def _constraint_from_index(
    constraint: Constraint, index_definition: str, what: str, current: DatabaseSnapshot
) -> Difference:
    """Return UNIQUE or a primary key on a filled table, from an index built without blocking."""
    name = constraint_index(constraint)
    leftover = current.indexes.get(name)
    statements = []
    if leftover is None or not leftover.valid:
        if leftover is not None:
            statements.append(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        statements.append(concurrently(index_definition))
    kind = "PRIMARY KEY" if constraint.type == "p" else "UNIQUE"
    deferrable = _DEFERRABLE.search(constraint.definition)
    using = f"{kind} USING INDEX {constraint.name}{deferrable[1] if deferrable else ''}"
    statements.append(_add(constraint, using))
    return Difference(
        what,
        tuple(statements),
        Rank.CONSTRAINT,
        Phase.ONLINE,
        nodes=(constraint.node,),
        table=constraint.table_name,
    )


def _changed_constraint(current: Constraint, wanted: Constraint) -> Difference | Report:
    what = f"constraint {wanted.name} on {wanted.table_name}"
    if current.definition == f"{wanted.definition} NOT VALID":
        return Difference(
            f"validation of {wanted.name} on {wanted.table_name}",
            (_validate(wanted),),
            Rank.VALIDATION,
            Phase.ONLINE,
            table=wanted.table_name,
        )
    return Report(what, "differs", (_drop(current), _add(wanted, wanted.definition)), missing=True)
