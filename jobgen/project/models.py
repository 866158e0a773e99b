"""Finds the classes of the user's own models in the text of a project, without importing it."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Literal

ModelLibrary = Literal["sqlalchemy", "django"]
LIBRARIES: tuple[ModelLibrary, ...] = ("sqlalchemy", "django")

_HINTS: Mapping[ModelLibrary, re.Pattern[str]] = MappingProxyType(
    {
        "sqlalchemy": re.compile(r"__tablename__|table=True|\.Model\)"),
        "django": re.compile(r"\bModel\b|\bmodels\b"),
    }
)
_SKIPPED = frozenset({"node_modules", "site-packages", "venv", "migrations", "tests"})
_MAX_FILES = 2000


@dataclass(frozen=True, slots=True)
class ModelClass:
    """A model.

    Attributes:
        module: The module that defines it.
        name: The name of its class.
        table: Its table.
        app_label: The label of Django's app; "" for SQLAlchemy.
    """

    module: str
    name: str
    table: str
    app_label: str = ""


USER = ModelClass("django.contrib.auth.models", "User", "auth_user", "auth")
"""Django's own user, whose model the setting AUTH_USER_MODEL names."""


def find_models(root: Path, source: PurePosixPath, library: ModelLibrary) -> dict[str, ModelClass]:
    """Return the models of a project by their tables.

    A table of several classes is left out, because it is not known which is the model.

    Args:
        root: The project's root.
        source: The folder of its modules.
        library: Whose models are looked for.
    """
    found: dict[str, ModelClass | None] = {USER.table: USER} if library == "django" else {}
    for path, tree in _trees(root / source, library):
        module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        models = _django_models if library == "django" else _sqlalchemy_models
        for model in models(root / source, path, module, tree):
            found[model.table] = None if model.table in found else model
    return {table: model for table, model in found.items() if model is not None}


def django_labels(root: Path, source: PurePosixPath) -> tuple[str, ...]:
    """Return the labels of the project's apps of Django, by their `apps.py`."""
    files = islice(_python_files(root / source), _MAX_FILES)
    return tuple(app_label(file.parent) for file in files if file.name == "apps.py")


def _trees(folder: Path, library: ModelLibrary) -> Iterator[tuple[PurePosixPath, ast.Module]]:
    for file in islice(_python_files(folder), _MAX_FILES):
        try:
            text = file.read_text(encoding="utf-8-sig")
            if _HINTS[library].search(text):
                yield PurePosixPath(file.relative_to(folder).as_posix()), ast.parse(text)
        except (OSError, ValueError, SyntaxError, RecursionError):
            continue


def _python_files(folder: Path) -> Iterator[Path]:
    """Yield the project's own modules, in an order that does not depend on the file system."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if name not in _SKIPPED
            and not name.startswith(".")
            and not Path(parent, name, "pyvenv.cfg").exists()
        )
        yield from (Path(parent, name) for name in sorted(names) if name.endswith(".py"))


def _sqlalchemy_models(
    _folder: Path, _path: PurePosixPath, module: str, tree: ast.Module
) -> Iterator[ModelClass]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            table = _constant(node, "__tablename__") or _default_table(node)
            if table:
                yield ModelClass(module, node.name, table)


def _default_table(node: ast.ClassDef) -> str:
    """Return the table that SQLModel or Flask-SQLAlchemy names after the class; "" for others."""
    for keyword in node.keywords:
        if keyword.arg == "table" and getattr(keyword.value, "value", False) is True:
            return node.name.lower()
    if any(isinstance(base, ast.Attribute) and base.attr == "Model" for base in node.bases):
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", node.name).lower()
    return ""


def _django_models(
    folder: Path, path: PurePosixPath, module: str, tree: ast.Module
) -> Iterator[ModelClass]:
    app = path.parent.parent if path.parent.name == "models" else path.parent
    if path.name != "models.py" and path.parent.name != "models":
        return
    label = app_label(folder / app)
    for node in tree.body:
        if not isinstance(node, ast.ClassDef) or not node.bases:
            continue
        meta = next(
            (each for each in node.body if isinstance(each, ast.ClassDef) and each.name == "Meta"),
            None,
        )
        if meta is not None and _constant(meta, "abstract"):
            continue
        own = (_constant(meta, "app_label") if meta else "") or label
        table = (_constant(meta, "db_table") if meta else "") or f"{own}_{node.name.lower()}"
        yield ModelClass(module, node.name, table, own)


def app_label(folder: Path) -> str:
    """Return the label of the app in a folder: that of its `apps.py`, otherwise its name."""
    try:
        text = (folder / "apps.py").read_text(encoding="utf-8-sig")
    except (OSError, ValueError):
        return folder.name
    match = re.search(r"^\s+label\s*=\s*[\"'](\w+)[\"']", text, re.MULTILINE)
    return match[1] if match else folder.name


def _constant(node: ast.ClassDef, name: str) -> str:
    """Return the constant that a class assigns to a name, as text; "" for anything else."""
    for statement in node.body:
        targets = (
            statement.targets
            if isinstance(statement, ast.Assign)
            else [statement.target]
            if isinstance(statement, ast.AnnAssign)
            else []
        )
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            value = getattr(statement, "value", None)
            return str(value.value) if isinstance(value, ast.Constant) and value.value else ""
    return ""
