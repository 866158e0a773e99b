"""NOT NULL of tables and of those that inherit from them, as PostgreSQL 18 has it.

A table's NOT NULL is its own, its parents', or both. Without its own, it goes with that of its last
parent; other ways to lose a parent make it the table's own.
"""

from __future__ import annotations

from jobgen.schema.parse.draft import Draft, TableDraft
from jobgen.schema.parse.tree import Node


def set_not_null(_draft: Draft, table: TableDraft, command: Node) -> None:
    """Apply SET NOT NULL to the table that it names."""
    table.change(command["name"], not_null=True)
    table.inherited_not_null.discard(command["name"])


def drop_not_null(_draft: Draft, table: TableDraft, command: Node) -> None:
    """Apply DROP NOT NULL to the table that it names."""
    table.change(command["name"], not_null=False)
    table.inherited_not_null.discard(command["name"])


def inherit_set_not_null(_draft: Draft, child: TableDraft, command: Node) -> None:
    """Apply SET NOT NULL of a parent."""
    inherit_not_null(child, command["name"])


def inherit_not_null(child: TableDraft, column: str) -> None:
    """Make a column NOT NULL because a parent's is."""
    if column in child.columns and not child.columns[column].not_null:
        child.change(column, not_null=True)
        child.inherited_not_null.add(column)


def inherit_drop_not_null(draft: Draft, child: TableDraft, command: Node) -> None:
    """Apply DROP NOT NULL of a parent, after the parent, unless there are other reasons for it."""
    column = command["name"]
    if column in child.inherited_not_null and not _is_inherited(draft, child, column):
        drop_not_null(draft, child, command)


def keep_not_null(draft: Draft, child: TableDraft) -> None:
    """Make each NOT NULL the child's own that no parent has any more."""
    child.inherited_not_null = {
        column for column in child.inherited_not_null if _is_inherited(draft, child, column)
    }


def _is_inherited(draft: Draft, child: TableDraft, column: str) -> bool:
    parents = draft.parents(child)
    return any(column in each.columns and each.columns[column].not_null for each in parents)
