"""Who uses the dashboard, and what they may do."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from enum import Enum


class Right(Enum):
    """What a visitor may do with the jobs of one kind."""

    SEE = "see"
    CREATE = "create"
    RETRY = "retry"
    CANCEL = "cancel"
    DELETE = "delete"
    PAUSE = "pause"
    """To pause and to resume the kind."""


ALL_RIGHTS = frozenset(Right)
READ_ONLY = frozenset({Right.SEE})


@dataclass(frozen=True)
class Visitor:
    """Who uses the dashboard, and what they may do: what `authenticate` returns.

    Raises:
        TypeError: A right is not a `Right`, or the name is not a text.
    """

    name: str
    """The name in the log and for `audit`."""

    may: Collection[Right] = ALL_RIGHTS
    """The rights on every kind that `kinds` does not have."""

    kinds: Mapping[str, Collection[Right]] = field(default_factory=dict)
    """The rights on single kinds, by the table's name in the dashboard's addresses."""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise TypeError(f"Visitor: name must be a text, not {self.name!r}.")
        for rights in (self.may, *self.kinds.values()):
            if isinstance(rights, str) or not all(isinstance(each, Right) for each in rights):
                raise TypeError(f"Visitor: rights are a set such as {{Right.SEE}}, not {rights!r}.")

    def rights(self, table: str) -> frozenset[Right]:
        """Return the rights on the jobs of a table; none on one that the visitor may not see.

        Args:
            table: The table's name in the dashboard's addresses.
        """
        rights = frozenset(self.kinds.get(table, self.may))
        return rights if Right.SEE in rights else frozenset()

    @property
    def sees_every_kind(self) -> bool:
        """Whether the visitor may see the jobs of all kinds."""
        return all(Right.SEE in rights for rights in (self.may, *self.kinds.values()))

    @property
    def is_read_only(self) -> bool:
        """Whether the visitor may change nothing, whatever the kind."""
        return all(READ_ONLY.issuperset(rights) for rights in (self.may, *self.kinds.values()))

    @property
    def is_anybody(self) -> bool:
        """Whether the authentication method has not said who it is."""
        return self.name == ANYBODY.name

    def limited_to(self, rights: Collection[Right]) -> Visitor:
        """Return the visitor with none but these rights."""
        return replace(
            self,
            may=frozenset(self.may) & frozenset(rights),
            kinds={kind: frozenset(own) & frozenset(rights) for kind, own in self.kinds.items()},
        )


ANYBODY = Visitor("anybody")
"""A visitor that an authentication method accepts without saying who it is."""

# As frameworks keep the language of a request: every page shows it, whoever makes the page.
_visitor: ContextVar[Visitor] = ContextVar("visitor", default=ANYBODY)


def current_visitor() -> Visitor:
    """Return the visitor whose request is being answered."""
    return _visitor.get()


@contextmanager
def answering(visitor: Visitor) -> Iterator[None]:
    """Let pages show the visitor whose request is being answered."""
    token = _visitor.set(visitor)
    try:
        yield
    finally:
        _visitor.reset(token)
