"""`BaseRecord`: the attributes of a record, and all that it does without a database."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, ClassVar, Self

from jobgen_runtime.record.build import built_attributes
from jobgen_runtime.record.errors import missing_attribute, no_key, no_row, not_constructed
from jobgen_runtime.table import Table

_DONE = {"refresh": "read again", "update": "updated", "delete": "deleted", "wait": "waited for"}
"""What each method does to a row."""


class BaseRecord:
    """The attributes of a record, one for each column of its table."""

    __slots__ = ("__dict__", "__weakref__", "_is_built")

    __table__: ClassVar[Table]

    if TYPE_CHECKING:
        # Not an annotation at run time, where annotations are the columns.
        _is_built: bool
        """Set if `build` made the record; absent in others."""
    else:

        def __init__(self, *_arguments, **_values):
            raise not_constructed(type(self))

        def __getattr__(self, name):
            for cls in type(self).__mro__:
                if name in vars(cls):
                    # A property of a derived class raised AttributeError; this raises it again.
                    return vars(cls)[name].__get__(self, type(self))
            raise missing_attribute(self, name, is_built=hasattr(self, "_is_built"))

    @classmethod
    def _build(cls, values: Mapping[str, object]) -> Self:
        """Make a record without a database; the generated `build` calls this.

        Raises:
            TypeError: A required value is missing, or the record does not have an attribute.
        """
        record = cls.__new__(cls)
        record.__dict__ = built_attributes(
            cls.__table__, cls._defaults(), values, caller=f"{cls.__name__}.build"
        )
        record._is_built = True  # noqa: SLF001 -- a new record of this class
        return record

    @classmethod
    def _enums(cls) -> Mapping[str, type[Enum]]:
        return cls.__table__.enums

    @classmethod
    def _defaults(cls) -> Mapping[str, object]:
        return cls.__table__.defaults

    def _row_key(self, method: str) -> tuple[object, ...]:
        """Return the values of the primary key, by which a method finds the row.

        Raises:
            RecordNotFound: The record was made by `build`.
            TypeError: The table has no primary key.
        """
        table = self.__table__
        self._require_row(method)
        if not table.key:
            raise TypeError(no_key(table, _DONE[method.removesuffix("_sync")]))
        return tuple(getattr(self, table.attribute(column)) for column in table.key)

    def _require_row(self, method: str) -> None:
        """Check that the record is of a row of the database.

        Raises:
            RecordNotFound: It was made by `build`.
        """
        if hasattr(self, "_is_built"):
            raise no_row(type(self), method)

    def _become(self, other: Self) -> Self:
        """Take over the attributes of another record, and return this one."""
        self.__dict__.clear()
        self.__dict__.update(other.__dict__)
        return self

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({values})"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.__dict__ == self.__dict__

    def __hash__(self) -> int:
        table = self.__table__
        return hash((type(self), *(self.__dict__.get(table.attribute(c)) for c in table.key)))
