"""Find the type that a class gives for a type parameter of one of its bases."""

from __future__ import annotations

from typing import Any, TypeVar, get_args, get_origin


def type_argument(cls: Any, generic: Any) -> Any:
    """Return the argument that the bases of `cls` give for the one parameter of `generic`.

    With `class Base(Job[R], Generic[C])` and `class Import(Base[ImportJob, int])`, that is
    ImportJob for `Import`, wherever R stands among the parameters of `Base`.

    Returns:
        The type argument; a TypeVar if it is left to derived classes; None if the bases have no
        such argument, or if a base class has already given it.
    """
    if cls is generic:
        return generic.__parameters__[0]
    for base in cls.__dict__.get("__orig_bases__", ()):
        origin = get_origin(base)
        if isinstance(origin, type) and issubclass(origin, generic):
            open_parameter = type_argument(origin, generic)
            parameters = getattr(origin, "__parameters__", ())
            if isinstance(open_parameter, TypeVar) and open_parameter in parameters:
                return get_args(base)[parameters.index(open_parameter)]
    return None
