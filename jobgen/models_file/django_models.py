"""Renders the models of Django, which do not manage their tables."""

from __future__ import annotations

import json
import keyword
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType

from jobgen.models_file.job_model import JobModel, enum_constant, enum_labels, has_default
from jobgen.models_file.text import ModuleHead, call, imports, items
from jobgen.project.models import USER, ModelClass
from jobgen.schema.model import Column, Schema, TypeRef
from jobgen.types_file.text import quoted

POSTGRES_FIELDS = "django.contrib.postgres.fields"
_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "bool": "models.BooleanField",
        "bytea": "models.BinaryField",
        "date": "models.DateField",
        "float4": "models.FloatField",
        "float8": "models.FloatField",
        "inet": "models.GenericIPAddressField",
        "int2": "models.SmallIntegerField",
        "int4": "models.IntegerField",
        "int8": "models.BigIntegerField",
        "interval": "models.DurationField",
        "json": "models.JSONField",
        "jsonb": "models.JSONField",
        "numeric": "models.DecimalField",
        "time": "models.TimeField",
        "timestamp": "models.DateTimeField",
        "timestamptz": "models.DateTimeField",
        "uuid": "models.UUIDField",
        "int4range": "IntegerRangeField",
        "int8range": "BigIntegerRangeField",
        "numrange": "DecimalRangeField",
        "tstzrange": "DateTimeRangeField",
        "daterange": "DateRangeField",
    }
)
_NUMBERS = frozenset({"int2", "int4", "int8", "float4", "float8"})
_NOW = frozenset({"now", "current_timestamp", "transaction_timestamp"})
_KEYWORDS = frozenset({"current_date", "current_time", "localtime", "localtimestamp"})
"""Functions that SQL calls without parentheses."""
_NO_PARENTHESES = 'template="%(function)s"'
_NO_BLANK = frozenset({"models.BooleanField"})


def render_django(models: Sequence[JobModel], schema: Schema, title: str, *, app_label: str) -> str:
    """Return the text of the module with the models.

    Args:
        models: The tables.
        schema: The schema that has them.
        title: The text of its docstring.
        app_label: The label of the app that they belong to.
    """
    head = ModuleHead()
    head.need("django.db", "models")
    classes = [_class(model, schema, app_label, head) for model in models]
    names = items("__all__", "[]", [quoted(model.name) for model in models])
    parts = [f'"""{title}"""', "\n".join(imports(head.imports)), names, *head.constants.values()]
    return "\n\n".join(parts) + "\n\n\n" + "\n\n".join(classes)


def _class(model: JobModel, schema: Schema, app_label: str, head: ModuleHead) -> str:
    table = model.table
    targets = Counter(link.model for link in model.links.values() if link.model is not None)
    lines = [f"class {model.name}(models.Model):", f'    """A row of {table.name}."""', ""]
    taken: set[str] = set()
    for column in table.columns:
        name = _field_name(column, model)
        while name in taken:
            name += "2"
        taken.add(name)
        field, arguments = _field(model, column, schema, head)
        link = model.links.get(column.name)
        if link is not None and link.model is not None:
            suffix = f"_by_{name}" if targets[link.model] > 1 else ""
            arguments.append(f"related_name={quoted(f'{table.name}{suffix}')}")
        elif link is not None:
            arguments.append('related_name="+"')
        default_column = f"{name}_id" if field == "models.ForeignKey" else name
        if default_column != column.name:
            arguments.append(f"db_column={quoted(column.name)}")
        lines.append(call(f"{name} = {field}", arguments))
    lines += ["", "    class Meta:", f"        app_label = {quoted(app_label)}"]
    lines += ["        managed = False", f"        db_table = {quoted(_db_table(model))}"]
    lines.append(f"        verbose_name = {quoted(table.name.removesuffix('s').replace('_', ' '))}")
    lines += ["", "    def __str__(self) -> str:", '        """Return the id."""']
    lines.append("        return str(self.pk)")
    return "\n".join(lines) + "\n"


def _db_table(model: JobModel) -> str:
    """Return the table's name; Django quotes it, so that one in a schema is quoted twice."""
    schema, name = model.table.schema, model.table.name
    return name if schema == "public" else f'{schema}"."{name}'


def _field_name(column: Column, model: JobModel) -> str:
    """Return a name that Django allows: no `__`, no `_` at its end, and not `pk`."""
    name = column.name.removesuffix("_id") if column.name in model.links else column.name
    name = re.sub(r"_+", "_", re.sub(r"\W", "_", name)).strip("_") or "column"
    if keyword.iskeyword(name) or name in {"pk", "check"} or name[0].isdigit():
        return f"{name}_field" if not name[0].isdigit() else f"field_{name}"
    return name


def _field(
    model: JobModel, column: Column, schema: Schema, head: ModuleHead
) -> tuple[str, list[str]]:
    """Return the class of a column's field, and its arguments."""
    link = model.links.get(column.name)
    options: list[str] = []
    if column.name in model.table.primary_key:
        options.append("primary_key=True")
    elif column.name in model.unique:
        options.append("unique=True")
    if link is not None:
        field, arguments = "models.ForeignKey", [_target(link.model, head), "models.DO_NOTHING"]
    else:
        field, arguments = _type(schema.base_type(column.type), schema, head)
    if not schema.is_not_null(column):
        options += [*(() if field in _NO_BLANK else ("blank=True",)), "null=True"]
    elif has_default(column, schema) and (default := _default(column, schema, head)):
        options.append(f"db_default={default}")
    return field, [*arguments, *options]


def _target(model: ModelClass | None, head: ModuleHead) -> str:
    if model is None:
        return '"self"'
    if model == USER:
        head.need("django.conf", "settings")
        return "settings.AUTH_USER_MODEL"
    return quoted(f"{model.app_label}.{model.name}")


def _type(type_: TypeRef, schema: Schema, head: ModuleHead) -> tuple[str, list[str]]:
    """Return the class of the field of a type, and the arguments that the type needs."""
    if type_.dimensions:
        element = TypeRef(type_.schema, type_.name, type_.modifiers)
        field, arguments = _type(schema.base_type(element), schema, head)
        head.need(POSTGRES_FIELDS, "ArrayField")
        inner = f"{field}({', '.join(arguments)})"
        for _ in range(type_.dimensions - 1):
            inner = f"ArrayField({inner})"
        return "ArrayField", [inner]
    labels = enum_labels(type_, schema)
    if labels:
        constant = f"{enum_constant(type_)}_CHOICES"
        prefix = f"{type_.name}_"
        titles = (label.removeprefix(prefix).replace("_", " ") for label in labels)
        pairs = [
            f"({quoted(label)}, {quoted(title)})"
            for label, title in zip(labels, titles, strict=True)
        ]
        head.constants[constant] = items(constant, "()", pairs)
        return "models.TextField", [f"choices={constant}"]
    if not type_.is_builtin:
        return "models.TextField", []
    numbers = re.findall(r"-?\d+", type_.modifiers)
    if type_.name in {"varchar", "bpchar"} and numbers:
        return "models.CharField", [f"max_length={numbers[0]}"]
    field = _FIELDS.get(type_.name, "models.TextField")
    if not field.startswith("models."):
        head.need(POSTGRES_FIELDS, field)
    if field == "models.DecimalField":
        digits, places = (*numbers, "0")[:2] if numbers else ("1000", "500")
        return field, [f"max_digits={digits}", f"decimal_places={places}"]
    return field, []


def _default(column: Column, schema: Schema, head: ModuleHead) -> str | None:
    """Return the value that the database sets; None for one that is not known."""
    default, type_ = column.default, schema.base_type(column.type)
    if default is None or type_.dimensions:
        return None
    if default.is_function and default.text in _NOW:
        head.need("django.db.models.functions", "Now")
        return "Now()"
    if default.is_function and default.text in _KEYWORDS:
        name, options = default.text.upper(), [f"function={quoted(default.text)}", _NO_PARENTHESES]
        head.constants[name] = call(f"{name} = models.Func", options, "")
        return name
    if default.is_function:
        return f"models.Func(function={quoted(default.text)})"
    return _constant(default.text, type_, is_enum=bool(enum_labels(type_, schema)))


def _constant(text: str, type_: TypeRef, *, is_enum: bool) -> str | None:
    if type_.name in _NUMBERS and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return text
    if type_.name == "bool" and text in {"t", "f", "true", "false"}:
        return str(text[0] == "t")
    if type_.name in {"text", "varchar", "bpchar"} or is_enum:
        return quoted(text)
    if type_.name in {"json", "jsonb"}:
        with suppress(ValueError):
            return f"models.Value({_literal(json.loads(text))}, models.JSONField())"
    return None


def _literal(value: object) -> str:
    """Return a value of JSON as Python text."""
    if isinstance(value, dict):
        pairs = (f"{quoted(key)}: {_literal(each)}" for key, each in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return quoted(value) if isinstance(value, str) else repr(value)
