"""Register and unregister an entry: decide with `ast`, then edit as text or with LibCST."""

from __future__ import annotations

import ast
from itertools import chain, count

from jobgen.registration.analysis import Analysis, RegistrationTarget, find_list, parse
from jobgen.registration.errors import CannotRegister
from jobgen.registration.names import (
    ListEntry,
    identifiers,
    is_origin,
    line_of_import,
    mentions,
    origins,
    refers,
)
from jobgen.registration.text_edit import add_as_text

__all__ = ["ListEntry", "RegistrationTarget", "register_entry", "unregister_entry"]


def register_entry(source: bytes, target: RegistrationTarget, entry: ListEntry) -> bytes:
    """Add an entry to the list of `target`, and its import.

    Returns:
        The new contents of the file; the same bytes if the entry is registered already.

    Raises:
        CannotRegister: The user has to edit the file.
    """
    tree = parse(source)
    if not isinstance(tree, ast.Module):
        raise CannotRegister(_not_python(tree), _paste(Analysis(()), target, entry), _line(tree))
    analysis = find_list(tree, target)
    names = origins(tree, everywhere=target is RegistrationTarget.DASHBOARD)
    if mentions(analysis.values, entry, names):
        return source
    if analysis.location is None:
        raise CannotRegister(analysis.problem, _paste(analysis, target, entry), analysis.line)
    bound = _bound(names, entry)
    unimported = mentions(analysis.values, entry, _with_unimported(names, entry))
    name = bound or (entry.local if unimported else _free_name(identifiers(tree), entry))
    element = None if unimported else f"*{name}" if entry.starred else name
    missing = None if bound else entry
    edited = add_as_text(source, tree, analysis.location, entry=missing, name=name, element=element)
    if edited is not None:
        return edited
    from jobgen.registration.libcst_edit import add_with_libcst

    try:
        return add_with_libcst(source, analysis.location, entry=missing, name=name, element=element)
    except CannotRegister as error:
        raise CannotRegister(error.reason, _paste(analysis, target, entry), error.line) from None


def unregister_entry(source: bytes, target: RegistrationTarget, entry: ListEntry) -> bytes:
    """Remove an entry from the list of `target`, and its import.

    Returns:
        The new contents of the file; the same bytes if the entry is not registered.

    Raises:
        CannotRegister: The user has to edit the file.
    """
    tree = parse(source)
    if not isinstance(tree, ast.Module):
        raise CannotRegister(_not_python(tree), "", _line(tree))
    analysis = find_list(tree, target)
    imported = origins(tree, everywhere=target is RegistrationTarget.DASHBOARD)
    names = _with_unimported(imported, entry)
    bound = _bound(imported, entry)
    elements = analysis.location.node.elts if analysis.location else []
    positions = [
        index for index, each in enumerate(elements) if refers(_unstarred(each), entry, names)
    ]
    kept = tuple(each for index, each in enumerate(elements) if index not in positions)
    elsewhere = mentions(kept if analysis.location else analysis.values, entry, names)
    if not elsewhere and bound:
        used = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == bound]
        ours = {id(node) for index in positions for node in ast.walk(elements[index])}
        elsewhere = next((node.lineno for node in used if id(node) not in ours), 0)
    if positions and not bound:
        elsewhere = elsewhere or line_of_import(tree, entry.module)
    if elsewhere:
        raise CannotRegister(
            f"{bound or entry.name} is also used in line {elsewhere}; remove it there first",
            "",
            elsewhere,
        )
    if not positions and not bound:
        return source
    from jobgen.registration.libcst_edit import remove_with_libcst

    return remove_with_libcst(
        source, analysis.location, entry=entry, bound=bound, positions=positions
    )


def _bound(names: dict[str, str], entry: ListEntry) -> str | None:
    """Return the name that the file imports the entry as, or None."""
    return next((name for name, origin in names.items() if is_origin(origin, entry)), None)


def _with_unimported(names: dict[str, str], entry: ListEntry) -> dict[str, str]:
    """Return `names`, with the entry's own name added unless it means something else."""
    return {entry.local: entry.origin, **names}


def _unstarred(element: ast.expr) -> ast.expr:
    return element.value if isinstance(element, ast.Starred) else element


def _free_name(taken: set[str], entry: ListEntry) -> str:
    """Return a name for the entry that the file does not use for anything else."""
    name = entry.local
    top = entry.module.partition(".")[0]
    stem = f"{name}_" if entry.starred else top[:1].upper() + top[1:] + name
    numbered = (f"{stem}{number}" for number in count(2))
    candidates = chain((name, stem.rstrip("_")), numbered)
    return next(candidate for candidate in candidates if candidate not in taken)


def _not_python(error: SyntaxError | ValueError) -> str:
    if isinstance(error, SyntaxError) and error.lineno:
        return f"it is not valid Python (line {error.lineno}: {error.msg})"
    return f"it is not valid Python ({error})"


def _line(error: SyntaxError | ValueError) -> int | None:
    return error.lineno if isinstance(error, SyntaxError) else None


def _paste(analysis: Analysis, target: RegistrationTarget, entry: ListEntry) -> str:
    """Return the lines that the user adds to register the entry."""
    name = entry.local
    alias = f" as {name}" if name != entry.name else ""
    item = f"*{name}" if entry.starred else name
    if target is RegistrationTarget.DASHBOARD:
        others = f"*{ast.unparse(analysis.values[0])}, " if len(analysis.values) == 1 else ""
        usage = f"jobs=[{others}{item}]"
    elif analysis.values:
        usage = f"workers = [*workers, {item}]"
    else:
        usage = f"workers: list[type[Job[Any]]] = [{item}]"
    return f"from {entry.module} import {entry.name}{alias}\n{usage}"
