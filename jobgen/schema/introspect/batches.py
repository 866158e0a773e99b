"""Groups the statements of a schema file that can be sent to a server at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from jobgen.schema.introspect.passed_over import may_be_refused, reason_not_to_run
from jobgen.schema.introspect.rewriting import may_be_rewritten
from jobgen.schema.script.script import Statement

_LARGEST = 100
"""How many statements are run once more if one of them is refused."""
# They act on the database only, are the same in any transaction, and change no setting that decides
# how the server reads the statements after them.
_DEFINITION = re.compile(
    r"create (unlogged )?table\b(?!.* as\b)|create (unique )?index\b|alter table\b|comment on\b"
    r"|create( or replace)? (view|function|procedure|trigger|type|sequence)\b"
)


def batches(
    statements: Iterable[Statement], *, on_scratch: bool
) -> Iterator[tuple[Statement, ...]]:
    """Yield the statements in their order, several at once where they can be run in one message.

    Args:
        statements: The statements of a schema file.
        on_scratch: Whether the server is a throwaway one.
    """
    batch: list[Statement] = []
    for statement in statements:
        if not _is_plain(statement, on_scratch=on_scratch):
            if batch:
                yield tuple(batch)
            yield (statement,)
            batch = []
            continue
        batch.append(statement)
        if len(batch) == _LARGEST:
            yield tuple(batch)
            batch = []
    if batch:
        yield tuple(batch)


def _is_plain(statement: Statement, *, on_scratch: bool) -> bool:
    """Return whether running the statement is no more than sending it."""
    return (
        _DEFINITION.match(statement.words) is not None
        and "concurrently" not in statement.words
        and statement.result is None
        and reason_not_to_run(statement, on_scratch=on_scratch) is None
        and not may_be_refused(statement)
        and not may_be_rewritten(statement)
    )
