"""Check the Python modules that workers import: that Python can read them, and finds the jobs."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from jobgen.check.finding import Finding, Rule
from jobgen.plan.registrations import JobFiles
from jobgen.project import Snapshot
from jobgen.registration.analysis import parse


def check_syntax(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield the files that no version of Python can read."""
    for path, content in snapshot.files.items():
        error = parse(content) if path.suffix == ".py" else None
        if not isinstance(error, SyntaxError) or _is_newer(content):
            continue
        yield Finding(
            Rule.PYTHON_INVALID,
            f"{path} is not valid Python: {error.msg}.",
            path=path,
            line=error.lineno,
            column=error.offset,
            hint="Correct it: it cannot be imported.",
        )


def check_class(snapshot: Snapshot, job: JobFiles) -> Finding | None:
    """Return what is wrong with a module that does not have its job's class; None if it has."""
    content = snapshot.before(job.path)
    tree = parse(content) if content is not None else None
    if not isinstance(tree, ast.Module) or job.name.module in _names(tree):
        return None
    return Finding(
        Rule.JOB_MISSING,
        f"{job.path} does not have the class {job.name.module}, which {job.worker} imports.",
        path=job.path,
        line=1,
        hint="Name its class so, or change the name wherever it is imported.",
    )


def _names(tree: ast.Module) -> set[str]:
    """Return the names that a module may define, at any depth."""
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.Name(id=name):
                names.add(name)
            case ast.alias(name=name, asname=asname):
                names.add(asname or name)
    return names


def _is_newer(content: bytes) -> bool:
    """Return whether a file is only too new for the Python that runs jobgen."""
    # Imported here because LibCST is slow to import.
    from jobgen.registration.new_syntax import newest_syntax

    return newest_syntax(content) is not None
