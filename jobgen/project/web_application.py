"""Finds the web application of an existing project, by reading its Python files."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Literal

Framework = Literal["FastAPI", "Starlette", "Litestar", "Quart", "Flask", "Django", "ASGI"]

_CONSTRUCTORS: Mapping[tuple[str, str], Framework] = {
    ("fastapi", "FastAPI"): "FastAPI",
    ("starlette", "Starlette"): "Starlette",
    ("flask", "Flask"): "Flask",
    ("django", "get_asgi_application"): "Django",
    ("litestar", "Litestar"): "Litestar",
    ("quart", "Quart"): "Quart",
    ("falcon", "App"): "ASGI",
    ("blacksheep", "Application"): "ASGI",
}
"""The framework that a constructor belongs to, by its top-level package and its name."""

_CATCH_ALL = re.compile(r"""\b[mM]ount\(\s*["']/?["']|:path\}""")
_ASGI_ARGUMENTS = ["scope", "receive", "send"]
_WSGI_MODULES = {"falcon": "falcon.asgi"}
"""Packages whose constructor makes an ASGI application only if it is from this module."""


_USUAL_NAME = "app"
_USUAL_NAMES = {_USUAL_NAME, "application"}


@dataclass(frozen=True, slots=True)
class WebApplication:
    """A web application, and where it is created.

    Attributes:
        framework: Its framework; ASGI for any other ASGI application.
        path: The file that creates it; None if that was not found.
        variable: The expression for it there, such as `app`.
        statement: The first line of the statement that creates it; "" if that was not found.
        line: The last line of that statement, from 1.
        factory: The function that the statement is in; "" at the top level of the file.
        has_plain_factory: Whether that function is at the top level, and needs no arguments.
        indent: The white space before the statement.
        may_match_all: Whether it may have a route that matches every address.
        main_line: The line of `if __name__ == "__main__":` in the file; 0 if it has none.
    """

    framework: Framework
    path: PurePosixPath | None = None
    variable: str = _USUAL_NAME
    statement: str = ""
    line: int = 0
    factory: str = ""
    has_plain_factory: bool = False
    indent: str = ""
    may_match_all: bool = False
    main_line: int = 0


def find_web_application(
    paths: Iterable[PurePosixPath], read: Callable[[PurePosixPath], str]
) -> WebApplication | None:
    """Return the web application that the files create; None if they create none.

    Of several, it is the first one that is called `app` or `application`: others may be mounted in
    it. If none is, it is the first.

    Args:
        paths: The project's Python files, likely ones first.
        read: Returns the text of a file.
    """
    texts = {path: read(path) for path in paths}
    trees = {path: tree for path, text in texts.items() if (tree := _parsed(text))}
    created = [each for path, tree in trees.items() for each in _created(tree, path, texts[path])]
    usual = (each for each in created if each.variable in _USUAL_NAMES)
    found = next(usual, created[0] if created else None)
    if found is not None:
        located = found if found.variable else _by_call(found, trees, texts)
        if found.path is None or located.path != found.path:
            return located
        return replace(located, main_line=_main_line(trees[found.path]))
    for path, text in texts.items():
        if path not in trees and (found := _in_text(text, path)):
            return found
    for path, tree in trees.items():
        found = _plain_asgi(tree, path)
        if found is not None:
            return replace(found, main_line=_main_line(tree))
    return None


def _main_line(tree: ast.Module) -> int:
    tests = (each for each in tree.body if isinstance(each, ast.If))
    return next((each.lineno for each in tests if "__name__" in ast.unparse(each.test)), 0)


def _parsed(text: str) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            return None


def _created(tree: ast.Module, path: PurePosixPath, text: str) -> Iterator[WebApplication]:
    """Yield the applications that a file creates: by assignments first, then as results."""
    frameworks = _Frameworks(tree)
    results: list[WebApplication] = []
    for function, statement in _statements(tree.body, ""):
        call, variable = _assigned_call(statement)
        framework = frameworks.of(call)
        if framework is None or call is None:
            continue
        has_routes = any(keyword.arg in {"routes", None} for keyword in call.keywords)
        may_match_all = has_routes or _CATCH_ALL.search(text) is not None
        found = WebApplication(
            framework,
            path,
            variable,
            factory=function,
            has_plain_factory=_is_plain_factory(tree, function),
            may_match_all=may_match_all,
        )
        if variable:
            yield _located(found, statement, text)
        else:
            results.append(found)
    yield from results


def _located(found: WebApplication, statement: ast.stmt, text: str) -> WebApplication:
    """Return an application with the place of the statement that creates it."""
    line = text.splitlines()[statement.lineno - 1]
    return replace(
        found,
        statement=line.strip(),
        line=statement.end_lineno or statement.lineno,
        indent=line[: len(line) - len(line.lstrip())],
    )


def _is_plain_factory(tree: ast.Module, function: str) -> bool:
    """Return whether a function of this name is at the top level and needs no arguments."""
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == function:
            given = statement.args
            required = len(given.posonlyargs) + len(given.args) - len(given.defaults)
            return not required and None not in given.kw_defaults
    return False


def _by_call(
    found: WebApplication,
    trees: Mapping[PurePosixPath, ast.Module],
    texts: Mapping[PurePosixPath, str],
) -> WebApplication:
    """Return the application that a function returns where it is assigned, if it is anywhere."""
    function = found.factory.rpartition(".")[2]
    for path, tree in trees.items():
        for name, statement in _statements(tree.body, ""):
            call, variable = _assigned_call(statement)
            if name or not variable or call is None:
                continue
            if ast.unparse(call.func).rpartition(".")[2] == function:
                made = WebApplication(found.framework, path, variable, may_match_all=True)
                return _located(made, statement, texts[path])
    return replace(found, variable=_USUAL_NAME, may_match_all=False)


class _Frameworks:
    """The framework of each call in a file."""

    def __init__(self, tree: ast.Module) -> None:
        self._origins: dict[str, str] = {}
        self._classes: dict[str, Framework] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.partition(".")[0]
                    self._origins[alias.asname or top] = alias.name if alias.asname else top
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    self._origins[alias.asname or alias.name] = f"{node.module}.{alias.name}"
            elif isinstance(node, ast.ClassDef):
                for base in node.bases:
                    framework = self._of_name(base)
                    if framework is not None:
                        self._classes[node.name] = framework

    def of(self, call: ast.Call | None) -> Framework | None:
        """Return the framework of the application that a call creates, or None."""
        return None if call is None else self._of_name(call.func)

    def _of_name(self, function: ast.expr) -> Framework | None:
        if isinstance(function, ast.Name) and function.id in self._classes:
            return self._classes[function.id]
        if not isinstance(function, ast.Name | ast.Attribute):
            return None
        first, _, rest = ast.unparse(function).partition(".")
        origin = ".".join(filter(None, (self._origins.get(first, ""), rest)))
        top, _, name = origin.partition(".")[0], "", origin.rpartition(".")[2]
        if top in _WSGI_MODULES and not origin.startswith(f"{_WSGI_MODULES[top]}."):
            return None
        return _CONSTRUCTORS.get((top, name))


def _statements(body: list[ast.stmt], function: str) -> Iterator[tuple[str, ast.stmt]]:
    """Yield all statements, each with the dotted name of the function or class that it is in."""
    for statement in body:
        yield function, statement
        inner = function
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{function}.{statement.name}".lstrip(".")
        for node in ast.iter_child_nodes(statement):
            if isinstance(node, ast.stmt):
                yield from _statements([node], inner)
            elif isinstance(node, ast.ExceptHandler | ast.match_case):
                yield from _statements(node.body, inner)


def _assigned_call(statement: ast.stmt) -> tuple[ast.Call | None, str]:
    """Return the call whose result a statement assigns, and to what; "" if it returns it."""
    match statement:
        case ast.Assign(targets=[target, *_], value=ast.Call() as call):
            return call, ast.unparse(target)
        case ast.AnnAssign(target=target, value=ast.Call() as call):
            return call, ast.unparse(target)
        case ast.Return(value=ast.Call() as call):
            return call, ""
    return None, ""


def _in_text(text: str, path: PurePosixPath) -> WebApplication | None:
    """Return the application that a file creates which this Python cannot parse."""
    for (_, name), known in _CONSTRUCTORS.items():
        pattern = rf"^[ \t]*(\w+)(?:[ \t]*:[^=\n]+)?[ \t]*=[ \t]*(?:\w+\.)?{name}\("
        match = re.search(pattern, text, re.MULTILINE)
        if match:
            return WebApplication(known, path, match[1])
    return None


def _plain_asgi(tree: ast.Module, path: PurePosixPath) -> WebApplication | None:
    """Return the ASGI application that is a function, or an instance of a class, of the file.

    Of several, it is the one that is called `app` or `application`, if one is.
    """
    classes: set[str] = set()
    names: list[str] = []
    for statement in tree.body:
        match statement:
            case ast.AsyncFunctionDef(name=name, args=arguments):
                if [each.arg for each in arguments.args] == _ASGI_ARGUMENTS:
                    names.append(name)
            case ast.ClassDef(name=name, body=body):
                if any(_is_asgi_method(each) for each in body):
                    classes.add(name)
            case ast.Assign() | ast.AnnAssign():
                call, variable = _assigned_call(statement)
                if call and variable and ast.unparse(call.func) in classes:
                    names.append(variable)
    usual = [name for name in names if name in _USUAL_NAMES]
    return WebApplication("ASGI", path, (usual or names)[-1]) if names else None


def _is_asgi_method(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.AsyncFunctionDef)
        and statement.name == "__call__"
        and [each.arg for each in statement.args.args[1:]] == _ASGI_ARGUMENTS
    )
