"""Renders a table as a record class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jobgen_runtime.job_table.columns import JOB_COLUMNS

from jobgen.job_block.recognise import has_priority, has_traceparent, is_job_table
from jobgen.naming import attribute_names
from jobgen.schema.model import Column, QualifiedName, Schema, Table
from jobgen.types_file.annotations import Annotation, annotate
from jobgen.types_file.class_names import RESERVED_CLASSES
from jobgen.types_file.defaults import default_text
from jobgen.types_file.imports import WORD, rename
from jobgen.types_file.text import annotated, mapping_argument, quoted, tuple_argument

_CREATES = """
    @classmethod
    async def create(
        cls,
        conn: AsyncCallerConnection | None = None,
        /,
        **values: Unpack[Values],
    ) -> Self:
        return await cls._create(conn, values)

    @classmethod
    def create_sync(
        cls,
        conn: CallerConnection | None = None,
        /,
        **values: Unpack[Values],
    ) -> Self:
        return cls._create_sync(conn, values)

    @classmethod
    async def create_many(
        cls,
        rows: Iterable[Values],
        /,
        conn: AsyncCallerConnection | None = None,
    ) -> list[Self]:
        return await cls._create_many(conn, rows)

    @classmethod
    def create_many_sync(
        cls,
        rows: Iterable[Values],
        /,
        conn: CallerConnection | None = None,
    ) -> list[Self]:
        return cls._create_many_sync(conn, rows)

    @classmethod
    async def insert_many(
        cls,
        rows: Iterable[Values],
        /,
        conn: AsyncCallerConnection | None = None,
    ) -> int:
        return await cls._insert_many(conn, rows)

    @classmethod
    def insert_many_sync(
        cls,
        rows: Iterable[Values],
        /,
        conn: CallerConnection | None = None,
    ) -> int:
        return cls._insert_many_sync(conn, rows)

    @classmethod
    def build(cls, **values: Unpack[Values]) -> Self:
        return cls._build(values)
"""

_UPDATES = """
    async def update(
        self,
        conn: AsyncCallerConnection | None = None,
        /,
        **changes: Unpack[Changes],
    ) -> Self:
        return await self._update(conn, changes)

    def update_sync(
        self,
        conn: CallerConnection | None = None,
        /,
        **changes: Unpack[Changes],
    ) -> Self:
        return self._update_sync(conn, changes)
"""

_UNIQUE = """
    @classmethod
    async def get_or_create(
        cls,
        conn: AsyncCallerConnection | None = None,
        /,
        **values: Unpack[Values],
    ) -> tuple[Self, bool]:
        return await cls._get_or_create(conn, values)

    @classmethod
    def get_or_create_sync(
        cls,
        conn: CallerConnection | None = None,
        /,
        **values: Unpack[Values],
    ) -> tuple[Self, bool]:
        return cls._get_or_create_sync(conn, values)

    @classmethod
    async def update_or_create(
        cls,
        conn: AsyncCallerConnection | None = None,
        /,
        **values: Unpack[Values],
    ) -> tuple[Self, bool]:
        return await cls._update_or_create(conn, values)

    @classmethod
    def update_or_create_sync(
        cls,
        conn: CallerConnection | None = None,
        /,
        **values: Unpack[Values],
    ) -> tuple[Self, bool]:
        return cls._update_or_create_sync(conn, values)
"""

_METHOD_WORDS = frozenset({"ClassVar", "Table", "TypedDict", *WORD.findall(_CREATES)})

# Parameters of the generated methods, which share their scope with attributes as keywords.
_PARAMETERS = frozenset({"cls", "conn", "self"})


@dataclass(frozen=True, slots=True)
class Attribute:
    """A column as an attribute of its record."""

    column: Column
    name: str
    annotation: Annotation
    text: str
    """The annotation, with `| None` if the column is nullable."""
    value_text: str | None
    """The annotation in `Values`; None if the database always generates the value."""

    is_required: bool
    """Whether an INSERT must name the column."""

    default_text: str | None
    """The default as Python text; None if there is none."""


def attributes_of(
    table: Table, schema: Schema, enums: dict[QualifiedName, str], aliases: Mapping[str, str]
) -> list[Attribute]:
    """Return the attributes of a table's record, in the order of its columns."""
    hidden = RESERVED_CLASSES | _PARAMETERS | set(enums.values())
    names = attribute_names(column.name for column in table.columns)
    result: list[Attribute] = []
    for column in table.columns:
        annotation = annotate(column.type, schema, enums)
        element = rename(annotation.text, aliases)
        not_null = schema.is_not_null(column)
        text = element if not_null else f"{element} | None"
        is_required = not_null and not schema.is_optional_on_insert(column)
        value: str | None = f"Required[{text}]" if is_required else text
        if column.generated or column.identity == "always":
            value = None
        name = names[column.name]
        while name in hidden or (name != names[column.name] and name in names.values()):
            name += "_"
        default = default_text(column, schema, annotation)
        result.append(Attribute(column, name, annotation, text, value, is_required, default))
    return result


def record_lines(
    class_name: str, table: Table, attributes: list[Attribute], schema: Schema
) -> list[str]:
    """Return the lines of a table's record class."""
    is_job = is_job_table(table)
    values = [item for item in attributes if item.value_text is not None]
    own = [item for item in attributes if not (is_job and item.column.name in JOB_COLUMNS)]
    lines = [
        f"class {class_name}({'JobRecord' if is_job else 'Record'}):",
        f'    """A row of `{_for_docstring(table.name)}`."""',
        "",
        "    class Values(TypedDict, total=False):",
        '        """The arguments of `create` and `build`."""',
        *([""] if values else []),
        *(annotated("        ", item.name, item.value_text or "") for item in values),
        "",
        *(_changes_lines(values, own) if table.primary_key else []),
        *_table_lines(table, attributes, own, schema),
        *([""] if own else []),
        *(annotated("    ", item.name, item.text) for item in own),
        *_CREATES.rstrip("\n").split("\n"),
        *(_UNIQUE.rstrip("\n").split("\n") if is_job and table.unique_indexes else []),
    ]
    key = [item for name in table.primary_key for item in attributes if item.column.name == name]
    return lines + ([*_get_lines(key), *_UPDATES.rstrip("\n").split("\n")] if key else [])


def record_words(table: Table, attributes: list[Attribute]) -> set[str]:
    """Return the names that the class uses, which may have to be imported."""
    words = set(_METHOD_WORDS)
    words.add("JobRecord" if is_job_table(table) else "Record")
    for annotation in {item.value_text or item.text for item in attributes}:
        words.update(WORD.findall(annotation))
    return words


def _changes_lines(values: list[Attribute], own: list[Attribute]) -> list[str]:
    """Return the class of the arguments of `update`: the user's own columns that may be written."""
    changes = [item for item in values if item in own]
    return [
        "    class Changes(TypedDict, total=False):",
        '        """The arguments of `update`."""',
        *([""] if changes else []),
        *(annotated("        ", item.name, item.text) for item in changes),
        "",
    ]


def _table_lines(
    table: Table, attributes: list[Attribute], own: list[Attribute], schema: Schema
) -> list[str]:
    enums = [
        (item.column.name, item.annotation.enum) for item in attributes if item.annotation.enum
    ]
    renamed = [
        (item.column.name, quoted(item.name))
        for item in attributes
        if item.name != item.column.name
    ]
    json = [item for item in attributes if item.annotation.is_json]
    plain_json = [item.column.name for item in json if not item.annotation.is_array]
    json_arrays = [item.column.name for item in json if item.annotation.is_array]
    lines = ["    __table__: ClassVar = Table(", f"        {quoted(table.name)},"]
    if table.schema != schema.default_schema:
        lines.append(f"        schema={quoted(table.schema)},")
    lines += tuple_argument("columns", [item.column.name for item in attributes])
    if table.primary_key:
        lines += tuple_argument("key", table.primary_key)
    if renamed:
        lines += mapping_argument("attributes", renamed)
    if enums:
        lines += mapping_argument("enums", enums)
    if plain_json:
        lines += tuple_argument("json", plain_json)
    if json_arrays:
        lines += tuple_argument("json_arrays", json_arrays)
    required = [item.column.name for item in own if item.is_required]
    defaults = [(item.column.name, item.default_text) for item in own if item.default_text]
    if required:
        lines += tuple_argument("required", required)
    if defaults:
        lines += mapping_argument("defaults", defaults)
    marks = {"has_priority": has_priority(table), "has_traceparent": has_traceparent(table)}
    lines += [f"        {mark}=True," for mark, is_set in marks.items() if is_set]
    lines += _unique_lines(table)
    return [*lines, "    )"]


def _unique_lines(table: Table) -> list[str]:
    """Return the argument with the unique indexes of a job's table; none if it has none."""
    if not (table.unique_indexes and is_job_table(table)):
        return []
    indent, lines = " " * 16, ["        unique_indexes=("]
    for index in table.unique_indexes:
        lines += ["            Table.unique(", f"{indent}{quoted(index.name)},"]
        lines += tuple_argument("columns", index.columns, indent)
        if index.statuses is not None:
            lines += tuple_argument("statuses", index.statuses, indent)
        lines.append("            ),")
    return [*lines, "        ),"]


def _get_lines(key: list[Attribute]) -> list[str]:
    names = [item.name for item in key]
    values = f"({names[0]},)" if len(key) == 1 else f"({', '.join(names)})"
    declared = [annotated("        ", item.name, f"{item.text},") for item in key]
    lines: list[str] = []
    for prefix, suffix, connection, call in (
        ("async def", "", "AsyncCallerConnection", "await cls._get"),
        ("def", "_sync", "CallerConnection", "cls._get_sync"),
    ):
        lines += [
            "",
            "    @classmethod",
            f"    {prefix} get{suffix}(",
            "        cls,",
            *declared,
            "        /,",
            f"        conn: {connection} | None = None,",
            "    ) -> Self:",
            f"        return {call}(conn, {values})",
        ]
    return lines


def _for_docstring(name: str) -> str:
    """Return the name as it can stand in a docstring."""
    return name.replace("\\", "/").replace('"', "'")
