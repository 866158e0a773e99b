"""Register and unregister an entry: decide with `ast`, then edit as text or with LibCST."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from itertools import chain, count

from jobgen.registration.analysis import Analysis, RegistrationTarget, find_list, parse
from jobgen.registration.dashboard_text import dashboard_text
from jobgen.registration.dashboards import find_dashboards
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
from jobgen.registration.unreadable import cannot_parse, has_word, names_entry

__all__ = [
    "ListEntry",
    "RegistrationTarget",
    "makes_dashboard",
    "register_entry",
    "unregister_entry",
]

_DASHBOARD = b"JobsDashboard"


def makes_dashboard(source: bytes) -> bool:
    """Return whether the file makes a dashboard, as far as can be known.

    A file that only imports or mentions `JobsDashboard` makes none.
    """
    if _DASHBOARD not in source:
        return False
    tree = parse(source)
    if not isinstance(tree, ast.Module):
        return has_word(source, _DASHBOARD.decode())
    return find_dashboards(tree).is_used


def register_entry(
    source: bytes,
    target: RegistrationTarget,
    entry: ListEntry,
    *,
    covers: Sequence[ListEntry] = (),
) -> bytes:
    """Add an entry to the list of `target`, and its import.

    Args:
        source: The file.
        target: Which list of the file.
        entry: The entry.
        covers: Lists that have the entry: it counts as registered where one of them is.

    Returns:
        The new contents of the file; the same bytes if the entry is registered already.

    Raises:
        CannotRegister: The user has to edit the file.
    """
    tree = parse(source)
    if not isinstance(tree, ast.Module):
        if names_entry(source, entry):
            return source
        current = "workers" if has_word(source, "workers") else ""
        paste = _paste(None, Analysis((), current=current), target, entry)
        raise cannot_parse(source, tree, paste)
    analysis = find_list(tree, target)
    names = origins(tree, everywhere=target is RegistrationTarget.DASHBOARD)
    if any(mentions(analysis.values, each, names) for each in (entry, *covers)):
        return source
    if analysis.location is None:
        paste = _paste(tree, analysis, target, entry)
        action = _action(paste) if target is RegistrationTarget.DASHBOARD else "Add this to it"
        raise CannotRegister(analysis.problem, paste, analysis.line, action=action)
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
        paste = _paste(tree, analysis, target, entry)
        raise CannotRegister(error.reason, paste, error.line) from None


def unregister_entry(source: bytes, target: RegistrationTarget, entry: ListEntry) -> bytes:
    """Remove an entry from the list of `target`, and its import.

    Returns:
        The new contents of the file; the same bytes if the entry is not registered.

    Raises:
        CannotRegister: The user has to edit the file.
    """
    tree = parse(source)
    if not isinstance(tree, ast.Module):
        if not has_word(source, entry.name):
            return source
        raise cannot_parse(source, tree, "")
    analysis = find_list(tree, target)
    imported = origins(tree, everywhere=target is RegistrationTarget.DASHBOARD)
    names = _with_unimported(imported, entry)
    bound = _bound(imported, entry)
    elements = analysis.location.node.elts if analysis.location else []
    positions = [
        index for index, each in enumerate(elements) if refers(_unstarred(each), entry, names)
    ]
    removed = {node for index in positions for node in ast.walk(elements[index])}
    elsewhere = mentions(analysis.values, entry, names, ignored=removed)
    if not elsewhere and bound:
        used = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == bound]
        elsewhere = next((node.lineno for node in used if node not in removed), 0)
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


def _bound(names: Mapping[str, str], entry: ListEntry) -> str | None:
    """Return the name that the file imports the entry as, or None."""
    return next((name for name, origin in names.items() if is_origin(origin, entry)), None)


def _with_unimported(names: Mapping[str, str], entry: ListEntry) -> Mapping[str, str]:
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


def _action(paste: str) -> str:
    """Return what to do with the text that gives a dashboard a job."""
    if paste.splitlines()[-1].startswith("jobs="):
        return "Import the job there, and give this argument to the dashboard"
    return "Import the job there, and make the dashboard like this"


def _paste(
    tree: ast.Module | None, analysis: Analysis, target: RegistrationTarget, entry: ListEntry
) -> str:
    """Return the lines that the user adds to register the entry.

    Args:
        tree: The file; None if it cannot be parsed.
        analysis: What was found in it.
        target: Which list the entry belongs to.
        entry: The entry.
    """
    names = {} if tree is None else origins(tree, everywhere=True)
    taken = identifiers(tree) if tree else set()
    name = _bound(names, entry) or _free_name(taken, entry)
    alias = f" as {name}" if name != entry.name else ""
    item = f"*{name}" if entry.starred else name
    statement = f"from {entry.module} import {entry.name}{alias}"
    if target is RegistrationTarget.DASHBOARD:
        return f"{statement}\n{dashboard_text(tree, analysis, item)}"
    if analysis.current:
        return f"{statement}\nworkers = [*workers, {item}]"
    imports = [
        f"from {module} import {imported}\n"
        for module, imported in (("typing", "Any"), ("jobgen_runtime", "Job"))
        if names.get(imported) != f"{module}.{imported}"
    ]
    return "\n".join((*imports, f"{statement}\n", f"workers: list[type[Job[Any]]] = [{item}]"))
