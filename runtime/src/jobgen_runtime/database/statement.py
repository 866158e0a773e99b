"""`Statement`: a query with its parameters, independent of the connection that runs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.abc import Query

CheckCount = Callable[[int], None]
"""Takes the number of rows that statements have returned, and raises an error to roll them back."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A query and its parameters.

    Attributes:
        query: The query.
        params: Its parameters.
        numbered: Whether the placeholders are $1, $2, … instead of %s. Such a query is sent as it
            is: parsing a long text for placeholders would be the most expensive step of an INSERT.
        own_types: Whether to ignore the application's adapters for the parameters and the rows.
        is_users_query: Whether the user has written the query.
        columns: The names of the columns that the statement returns, in order, if it returns rows
            of a table; for a user's query, those that are needed of its result. None if it returns
            no rows, or text and booleans, which all drivers load alike.
    """

    query: Query
    params: Sequence[Any] | Mapping[str, Any] | None = None
    numbered: bool = False
    own_types: bool = False
    is_users_query: bool = False
    columns: Sequence[str] | None = None
