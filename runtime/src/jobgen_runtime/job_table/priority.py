"""The column by which the claims of a kind of job can be ordered."""

from __future__ import annotations

PRIORITY_COLUMN = "priority"
"""The column's name. Claims use it if it is of PRIORITY_TYPE and NOT NULL; any other column of this
name is the user's."""

PRIORITY_TYPE = "int2"
"""PostgreSQL's own name of SMALLINT."""

PRIORITY_ARGUMENT = "priority:smallint=0"
"""The column as an argument of the command line."""

ABOVE_ALL_PRIORITIES = 32768
"""One more than the highest SMALLINT."""
