"""Make rows for tests: fill the columns that a test does not care about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from psycopg import Error, sql
from psycopg.rows import RowFactory, class_row, dict_row
from psycopg.types.json import Json, Jsonb

from jobgen_runtime.contract.errors import JobgenRuntimeError
from jobgen_runtime.database import Statement, fetch_rows, fetch_rows_sync
from jobgen_runtime.database.callers import AsyncCallerConnection, CallerConnection
from jobgen_runtime.job import Job
from jobgen_runtime.record import Record
from jobgen_runtime.sql import read
from jobgen_runtime.testing.errors import TestingError
from jobgen_runtime.testing.kinds import known_record, record_of
from jobgen_runtime.testing.values import NeededColumn

R = TypeVar("R", bound=Record)

DEEPEST_REFERENCE = 10
"""Tables that refer to each other, one after the other, until the factory gives up."""

_defaults: dict[type[Record], Mapping[str, object]] = {}
_numbers: Counter[str] = Counter()


@dataclass(frozen=True, slots=True)
class _Reference:
    """A foreign key: its columns, the table that they refer to, and the columns there."""

    columns: list[str]
    other_schema: str
    other_name: str
    is_visible: bool
    other_columns: list[str]

    @property
    def names(self) -> tuple[str, ...]:
        """The quoted names by which the other table may be known."""
        full = sql.Identifier(self.other_schema, self.other_name).as_string(None)
        return (
            (sql.Identifier(self.other_name).as_string(None), full) if self.is_visible else (full,)
        )


@dataclass(frozen=True, slots=True)
class _Read:
    """Rows to read."""

    query: str
    table: str
    rows: RowFactory[Any]


@dataclass(frozen=True, slots=True)
class _Insert:
    """A row to insert into a table without a record, and the columns to return."""

    statement: Statement


@dataclass(frozen=True, slots=True)
class _Create:
    """A record to create."""

    record: type[Record]
    values: Mapping[str, object]


Step = _Read | _Insert | _Create
Steps = Generator[Step, Any, Any]


async def make(
    kind: type[R] | type[Job[Any]], conn: AsyncCallerConnection | None = None, /, **values: object
) -> Any:
    """Create a row with these values, and fill the other columns that need one.

    A column that is NOT NULL and has no default gets a value of its type: a text or number that no
    other row of the test has, the first label of an enum, an empty array or object. A row that it
    must refer to is made as well, and so on.

    Args:
        kind: The record, or a job class.
        conn: The connection to use; None for one of the pool.
        values: Values by attribute, as for `create`.

    Returns:
        The record.

    Raises:
        TestingError: No value is known for a column, or the database refuses the row.
    """
    steps = _steps(record_of(kind), values)
    answer: Any = None
    try:
        step = next(steps)
        while True:
            try:
                answer = await _run(step, conn)
            except (Error, JobgenRuntimeError) as error:
                step = steps.throw(error)
            else:
                step = steps.send(answer)
    except StopIteration as end:
        return end.value


def make_sync(
    kind: type[R] | type[Job[Any]], conn: CallerConnection | None = None, /, **values: object
) -> Any:
    """Create a row with these values; the synchronous version of `make`."""
    steps = _steps(record_of(kind), values)
    try:
        step = next(steps)
        while True:
            try:
                answer = _run_sync(step, conn)
            except (Error, JobgenRuntimeError) as error:
                step = steps.throw(error)
            else:
                step = steps.send(answer)
    except StopIteration as end:
        return end.value


def set_defaults(kind: type[Record] | type[Job[Any]], **values: object) -> None:
    """Let `make` use these values for a record, unless a test gives others.

    Args:
        kind: The record, or a job class.
        values: Values by attribute. A function is called with a number that differs from row to
            row: `set_defaults(Customer, email=lambda number: f"{number}@example.org")`.

    Raises:
        TypeError: The record does not have an attribute.
    """
    record = record_of(kind)
    for attribute in values:
        if attribute not in record.__table__.column_of:
            raise TypeError(f"{record.__name__} does not have the attribute {attribute!r}.")
    _defaults[record] = {**_defaults.get(record, {}), **values}


def reset_numbers() -> None:
    """Begin to count the rows of each table at 1 again, for the next test."""
    _numbers.clear()


def _steps(
    record: type[Record], values: Mapping[str, object], above: tuple[str, ...] = ()
) -> Steps:
    """Create a record, and the rows it refers to; yield what to do, and return the record."""
    table = record.__table__
    _numbers[table.sql_name] += 1
    number = _numbers[table.sql_name]
    given = {**_called(_defaults.get(record, {}), number), **values}
    by_column = {table.column_of.get(each, each): value for each, value in given.items()}
    filled = yield from _filled(table.sql_name, by_column, number, above, record.__module__)
    added = {table.attribute(column): value for column, value in filled.items()}
    # A record converts documents itself.
    plain = {key: v.obj if isinstance(v, Json | Jsonb) else v for key, v in added.items()}
    try:
        return (yield _Create(record, {**plain, **given}))
    except Error as error:
        raise _refused(record.__name__, added, error) from error


def _row_steps(
    reference: _Reference, values: Mapping[str, object], above: tuple[str, ...], module: str
) -> Steps:
    """Create the row that another one refers to; return the values of the referenced columns."""
    for name in reference.names:
        record = known_record(name, module)
        if record is not None:
            attributes = {record.__table__.attribute(c): value for c, value in values.items()}
            made = yield from _steps(record, attributes, above)
            return [getattr(made, record.__table__.attribute(c)) for c in reference.other_columns]
    table = reference.names[-1]
    _numbers[table] += 1
    others = yield from _filled(table, values, _numbers[table], above, module)
    filled = {**values, **others}
    columns = sql.SQL(", ").join(map(sql.Identifier, filled))
    marks = sql.SQL(", ").join(sql.SQL(f"${n}") for n in range(1, len(filled) + 1))
    inserted = (
        sql.SQL("({}) VALUES ({})").format(columns, marks) if filled else sql.SQL("DEFAULT VALUES")
    )
    query = sql.SQL("INSERT INTO {} {} RETURNING {}").format(
        sql.Identifier(reference.other_schema, reference.other_name),
        inserted,
        sql.SQL(", ").join(map(sql.Identifier, reference.other_columns)),
    )
    try:
        [row] = yield _Insert(Statement(query, list(filled.values()), numbered=True))
    except Error as error:
        raise _refused(table, filled, error) from error
    return list(row.values())


def _filled(
    table: str, given: Mapping[str, object], number: int, above: tuple[str, ...], module: str
) -> Generator[Step, Any, dict[str, object]]:
    """Return a value for each column that needs one and is not given.

    `module`: where to look first for the records of tables that it refers to.
    """
    if len(above) >= DEEPEST_REFERENCE:
        raise TestingError(
            f"More than {DEEPEST_REFERENCE} tables refer to each other: {' -> '.join(above)}.",
            hint="Make one of the rows before, and pass its key.",
        )
    needed: list[NeededColumn] = yield _Read("needed_columns", table, class_row(NeededColumn))
    references: list[_Reference] = yield _Read("references_of_table", table, class_row(_Reference))
    open_columns = {each.name for each in needed if each.name not in given}
    filled: dict[str, object] = {}
    for reference in references:
        if not open_columns & set(reference.columns):
            continue
        pairs = dict(zip(reference.columns, reference.other_columns, strict=True))
        if {table, *above} & set(reference.names):
            name = next(iter(open_columns & set(reference.columns)))
            raise TestingError(
                f"{table}.{name} must refer to a row of {reference.names[0]}, which must itself "
                "refer to a row of such a table: there is no first one.",
                hint=f"Insert that row, and pass its key: make(…, {name}=…).",
            )
        known = {pairs[column]: given[column] for column in pairs if column in given}
        keys = yield from _row_steps(reference, known, (*above, table), module)
        made = dict(zip(reference.columns, keys, strict=True))
        filled |= {column: key for column, key in made.items() if column in open_columns}
        open_columns -= set(made)
    for column in needed:
        if column.name in open_columns:
            value = column.value(number)
            if value is None:
                raise TestingError(
                    f"No value is known for {table}.{column.name}, of the type {column.type}.",
                    hint=f"Pass one: make(…, {column.name}=…), or set_defaults(…) once.",
                )
            filled[column.name] = value
    return filled


def _called(defaults: Mapping[str, object], number: int) -> dict[str, object]:
    return {key: value(number) if callable(value) else value for key, value in defaults.items()}


def _refused(name: str, added: Mapping[str, object], error: Error) -> TestingError:
    values = ", ".join(f"{key}={value!r}" for key, value in added.items()) or "no value"
    return TestingError(
        f"The database refuses the row that make({name}) has filled with {values}: "
        f"{str(error).strip()}",
        hint="Pass a value that it accepts, or set one for all tests with set_defaults(…).",
    )


async def _run(step: Step, conn: AsyncCallerConnection | None) -> object:
    match step:
        case _Create(record, values):
            return await record._create(conn, values)  # noqa: SLF001 -- what `create` calls
        case _Read(query, table, rows):
            return await fetch_rows(conn, [_reading(query, table)], rows)
        case _Insert(statement):
            return await fetch_rows(conn, [statement], dict_row)


def _run_sync(step: Step, conn: CallerConnection | None) -> object:
    match step:
        case _Create(record, values):
            return record._create_sync(conn, values)  # noqa: SLF001 -- what `create_sync` calls
        case _Read(query, table, rows):
            return fetch_rows_sync(conn, [_reading(query, table)], rows)
        case _Insert(statement):
            return fetch_rows_sync(conn, [statement], dict_row)


def _reading(query: str, table: str) -> Statement:
    return Statement(read(query).encode(), {"table": table}, own_types=True)
