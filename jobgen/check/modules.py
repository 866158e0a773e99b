"""Check the Python modules that workers import: their syntax, their jobs, and the jobs' options."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from jobgen_runtime.contract.job_options import OPTIONS, meant_option

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


def check_options(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield the attributes of jobs that were probably meant as an option.

    The runtime refuses such a class when it is imported, but a check imports none of the user's
    code. Classes with other bases than `Job` are left to the runtime: the name may be a base's.
    """
    for job in snapshot.jobs:
        tree = parse(snapshot.before(job.path) or b"")
        for node in ast.walk(tree) if isinstance(tree, ast.Module) else ():
            if not isinstance(node, ast.ClassDef) or not _is_plain_job(node):
                continue
            for name, line in _constants(node):
                option = None if name in OPTIONS else meant_option(name)
                if option is not None:
                    yield Finding(
                        Rule.OPTION_UNKNOWN,
                        f"{node.name}.{name} is not an option of a job. Did you mean {option}?",
                        path=job.path,
                        line=line,
                        hint=f"If it is your own, begin its name with an underscore: _{name}.",
                    )


def _is_plain_job(node: ast.ClassDef) -> bool:
    """Return whether `Job` or `Job[…]` is the only base of a class."""
    match node.bases:
        case [ast.Subscript(value=ast.Name(id="Job")) | ast.Name(id="Job")]:
            return True
        case _:
            return False


def _constants(node: ast.ClassDef) -> Iterator[tuple[str, int]]:
    """Yield the attributes that a class's body assigns, without functions, and their lines."""
    for statement in node.body:
        match statement:
            case ast.Assign(targets=targets, value=value) if not isinstance(value, ast.Lambda):
                names = [target.id for target in targets if isinstance(target, ast.Name)]
            case ast.AnnAssign(target=ast.Name(id=name)):
                names = [name]
            case _:
                names = []
        for name in names:
            if not name.startswith("_"):
                yield name, statement.lineno


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
