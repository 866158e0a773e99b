"""Finds out about an existing project that jobgen is added to, without changing it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jobgen_runtime.contract.errors import ProjectError
from jobgen_runtime.project import CONFIG_FILE, parse_toml, read_bytes

from jobgen.naming import snake_case
from jobgen.project.migration_tool import MigrationTool, configured_tool
from jobgen.project.web_application import Framework, WebApplication, find_web_application

_DISTRIBUTIONS: Mapping[str, Framework] = {
    "fastapi": "FastAPI",
    "flask": "Flask",
    "django": "Django",
    "litestar": "Litestar",
    "quart": "Quart",
    "blacksheep": "ASGI",
    "starlette": "Starlette",
}
_MODELS = (
    *("sqlalchemy", "sqlmodel", "flask-sqlalchemy", "advanced-alchemy", "peewee", "pony"),
    *("tortoise-orm", "piccolo", "ormar"),
)
"""The distributions whose models make tables."""

_SESSIONS: Mapping[str, str] = {
    "flask-sqlalchemy": "db.session",
    "sqlmodel": "session",
    "sqlalchemy": "session",
    "advanced-alchemy": "session",
}
"""What a session of SQLAlchemy is usually called by users of a distribution."""

_DEPENDENCY_FILES = (CONFIG_FILE, "setup.py", "setup.cfg", "Pipfile")
_NO_PACKAGES = {
    "tests",
    "test",
    "docs",
    "doc",
    "examples",
    "scripts",
    "migrations",
    "build",
    "dist",
}
_NO_APPLICATION = (_NO_PACKAGES - {"scripts"}) | {"node_modules", "venv", "site-packages"}
_SQLITE_ADDRESS = re.compile(r"""["']sqlite(\+\w+)?://""")
_TEST_FILE = re.compile(r"conftest\.py|test_.*\.py|.*_test\.py")
_MAX_FILES = 500


@dataclass(frozen=True, slots=True)
class ExistingProject:
    """An existing project.

    Attributes:
        name: Its name in pyproject.toml, otherwise its folder's.
        source: The folder on the Python path.
        package: Its main package; None where there is none or it cannot be told.
        web: Its web application; None where none is found.
        settings: The module of Django's settings; "" if it is none of Django, or not known.
        django_app: Django's first app that is a package next to its settings; "" if it has none.
        uses_sqlite: Whether Django's settings, or addresses in code with SQLAlchemy, name SQLite.
        has_django_app: Whether Django's settings name jobgen's application.
        settings_path: The file of Django's settings, or what to call it.
        urls_path: The file of Django's URLs, or what to call it.
        has_models: Whether its tables may be models of Django, SQLAlchemy or another library.
        session: What it calls a session of SQLAlchemy; "" if it does not use SQLAlchemy.
        depends_on_runtime: Whether its dependencies include jobgen-runtime.
        depends_on_generator: Whether they include jobgen.
        migrations: What keeps its migrations; None if that is not known.
        compares_jobs: Whether Alembic would compare, and drop, the tables of jobs.
    """

    name: str
    source: PurePosixPath
    package: str | None
    web: WebApplication | None
    depends_on_runtime: bool
    depends_on_generator: bool
    migrations: MigrationTool | None = None
    compares_jobs: bool = False
    settings: str = ""
    django_app: str = ""
    uses_sqlite: bool = False
    has_django_app: bool = False
    settings_path: str = ""
    urls_path: str = ""
    has_models: bool = False
    session: str = ""


def read_existing(root: Path) -> ExistingProject:
    """Return what is known about the project in the folder `root`.

    Files that cannot be read count as missing.
    """
    name = project_name(root)
    source = PurePosixPath("src" if _has_modules(root / "src") else ".")
    dependencies = _dependencies(root)
    web = _web_application(root, dependencies)
    session = next((_SESSIONS[each] for each in _SESSIONS if _depends_on(each, dependencies)), "")
    is_django = web is not None and web.framework == "Django"
    settings = django_settings(root, source) if is_django else ""
    settings_file = source / f"{settings.replace('.', '/')}.py"
    settings_text = _text(root / settings_file) if settings else ""
    urls = re.search(r"^ROOT_URLCONF = [\"']([\w.]+)[\"']", settings_text, re.MULTILINE)
    return ExistingProject(
        name=name,
        source=source,
        package=_package(root / source, name),
        web=web,
        depends_on_runtime=_depends_on("jobgen-runtime", dependencies),
        depends_on_generator=_depends_on("jobgen", dependencies),
        migrations=migration_tool(root),
        compares_jobs=alembic_compares_jobs(root),
        settings=settings,
        django_app=_django_app(root / source) if is_django else "",
        uses_sqlite="django.db.backends.sqlite3" in settings_text
        or (session != "" and _names_sqlite(root)),
        has_django_app="jobgen_runtime.django" in settings_text,
        settings_path=str(settings_file) if settings_text else "Django's settings",
        urls_path=(
            str(source / f"{urls[1].replace('.', '/')}.py") if urls else "the file of ROOT_URLCONF"
        ),
        has_models=is_django or any(_depends_on(each, dependencies) for each in _MODELS),
        session=session,
    )


def _names_sqlite(root: Path) -> bool:
    """Return whether a Python file near the root has an address of SQLite for SQLAlchemy."""
    return any(_SQLITE_ADDRESS.search(_text(root / path)) for path in _python_files(root))


def project_name(root: Path) -> str:
    """Return the project's name in pyproject.toml, otherwise its folder's."""
    return _name(_config(root)) or root.name


def migration_tool(root: Path) -> MigrationTool | None:
    """Return the tool that keeps the migrations of the project in the folder `root`."""
    found = configured_tool(root)
    return "Alembic" if found != "Alembic" and _alembic_environments(root) else found


def alembic_compares_jobs(root: Path) -> bool:
    """Return whether the project uses Alembic without the runtime's `include_object`."""
    is_included = any("jobgen_runtime.alembic" in text for text in _alembic_environments(root))
    return migration_tool(root) == "Alembic" and not is_included


def _alembic_environments(root: Path) -> list[str]:
    """Return the text of each env.py of Alembic near the root."""
    folders = ("", "*/", "*/*/", "*/*/*/")
    files = (file for folder in folders for file in root.glob(f"{folder}env.py"))
    texts = (_text(file) for file in files if "site-packages" not in file.parts)
    return [text for text in texts if re.search(r"\balembic\b", text)]


def _config(root: Path) -> Mapping[str, object]:
    try:
        return parse_toml(read_bytes(root / CONFIG_FILE) or b"", root / CONFIG_FILE)
    except ProjectError:
        return {}


def _name(config: Mapping[str, object]) -> str | None:
    project = config.get("project")
    if not isinstance(project, dict):
        tool = config.get("tool")
        project = tool.get("poetry") if isinstance(tool, dict) else None
    name = project.get("name") if isinstance(project, dict) else None
    return name if isinstance(name, str) else None


def _has_modules(folder: Path) -> bool:
    """Return whether Python finds modules or packages in `folder`."""
    if (folder / "__init__.py").exists():
        return False
    return any(folder.glob("*.py")) or any(folder.glob("*/*.py"))


def _package(source: Path, name: str) -> str | None:
    """Return the package of the project's name, otherwise its only one, otherwise Django's."""
    packages = {
        init.parent.name
        for init in source.glob("*/__init__.py")
        if init.parent.name not in _NO_PACKAGES
    }
    own = snake_case(name.replace("-", "_").replace(".", "_"))
    if own in packages:
        return own
    if len(packages) == 1:
        return packages.pop()
    settings = [package for package in packages if (source / package / "settings.py").exists()]
    return settings[0] if len(settings) == 1 else None


def _dependencies(root: Path) -> str:
    """Return the text of the files that list the project's dependencies."""
    files = [root / name for name in _DEPENDENCY_FILES]
    files += [*root.glob("requirements*.txt"), *root.glob("requirements*/*.txt")]
    return "\n".join(_text(file) for file in files)


def _depends_on(distribution: str, dependencies: str) -> bool:
    pattern = rf"(?im)^[ \t]*(?:.*[\[,\"'(]\s*)?[\"']?{re.escape(distribution)}(?![\w-])"
    return re.search(pattern, dependencies) is not None


def _web_application(root: Path, dependencies: str) -> WebApplication | None:
    def read(path: PurePosixPath) -> str:
        return _text(root / path)

    if (root / "manage.py").exists() or (root / "src/manage.py").exists():
        asgi = _first_named(root, "asgi.py")
        found = find_web_application([asgi], read) if asgi else None
        return found or WebApplication("Django", asgi, "application")
    found = find_web_application(_python_files(root), read)
    if found is not None:
        return found
    known = (
        framework
        for distribution, framework in _DISTRIBUTIONS.items()
        if _depends_on(distribution, dependencies)
    )
    framework = next(known, None)
    if framework == "Django":
        return WebApplication("Django", _first_named(root, "asgi.py"), "application")
    return WebApplication(framework) if framework else None


def django_settings(root: Path, source: PurePosixPath) -> str:
    """Return the module of Django's settings; "" if it cannot be told."""
    for name in ("manage.py", "wsgi.py", "asgi.py"):
        for path in _python_files(root):
            text = _text(root / path) if path.name == name else ""
            match = re.search(r"DJANGO_SETTINGS_MODULE[\"'],\s*[\"\']([\w.]+)[\"\']", text)
            if match:
                return match[1]
    files = [
        *(root / source).glob("*/settings.py"),
        *(root / source).glob("*/settings/__init__.py"),
    ]
    modules = {file.relative_to(root / source).parts[0] for file in files}
    return f"{modules.pop()}.settings" if len(modules) == 1 else ""


def _django_app(source: Path) -> str:
    return min((file.parent.name for file in source.glob("*/apps.py")), default="")


def _first_named(root: Path, name: str) -> PurePosixPath | None:
    return next((path for path in _python_files(root) if path.name == name), None)


def _python_files(root: Path) -> Iterator[PurePosixPath]:
    """Yield the Python files near the root, nearest first, up to `_MAX_FILES`."""
    count = 0
    for pattern in ("*.py", "*/*.py", "*/*/*.py"):
        for file in sorted(root.glob(pattern)):
            path = PurePosixPath(file.relative_to(root).as_posix())
            if any(part.startswith(".") or part in _NO_APPLICATION for part in path.parts):
                continue
            if _TEST_FILE.fullmatch(path.name):
                continue
            count += 1
            if count > _MAX_FILES:
                return
            yield path


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return ""
