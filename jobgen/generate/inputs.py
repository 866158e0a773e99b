"""The inputs of a plan besides the project's files: the application, templates, the schema."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from jobgen_runtime.project import environment_database_url, project_database_url

from jobgen.errors import JobgenError
from jobgen.naming import parse_application_name
from jobgen.plan.table_change import WriteMigration
from jobgen.project import Project, project_errors, same_name
from jobgen.project.migration_tool import alembic_place, configured_tool
from jobgen.render import Template, load_template
from jobgen.schema.load import ReadSchema, load_schema, read_schema_text
from jobgen.schema.model import Schema


def resolve_application(project: Project, name: str | None) -> str:
    """Return the application called `name` as the project spells it; None is the default one.

    Raises:
        UsageError: The name is invalid.
    """
    if name is None:
        return project.application
    parsed = parse_application_name(name)
    known = (project.application, *project.applications())
    return next((existing for existing in known if same_name(existing, parsed)), parsed)


def find_template(project: Project, name: str) -> Template:
    """Load the template `name` from the project's folder of templates, or else jobgen's own.

    Raises:
        JobgenError: The template cannot be read.
    """
    folder = None if project.templates is None else project.root / project.templates
    return load_template(name, folder)


def schema_reader(project: Project, *, starts_server: bool = True) -> ReadSchema:
    """Return the function that reads the project's schema from the text of Schema.sql.

    With `schema_source = "database"` it adds the tables and types that only the database has.

    Args:
        project: The project.
        starts_server: Whether a scratch server may be started for a text that needs one.
    """
    load = load_schema if starts_server else read_schema_text

    # A server takes a second to read a text, and a plan may read it twice.
    @cache
    def read_text(text: str, path: PurePosixPath) -> Schema:
        return load(text, path, project.root)

    if project.schema_source == "file":
        return read_text

    @cache
    def database() -> Schema:
        return _read_database(project)

    return lambda text, path: _joined(database(), read_text(text, path))


def migration_writer(project: Project) -> WriteMigration | None:
    """Return the function that writes the migrations of tables.

    Returns:
        None if `jobgen migrate` changes the database: Schema.sql has all tables, or neither
        Alembic nor Django is in the project's root.
    """
    if project.schema_source == "file":
        return None
    place = alembic_place(project.root)
    if place is not None:
        from jobgen.migration_tools.alembic import write_revisions

        return partial(write_revisions, project, place)
    if configured_tool(project.root) == "Django":
        from jobgen.migration_tools.django import write_django_migrations

        return partial(write_django_migrations, project)
    return None


def database_urls(root: Path) -> tuple[str, ...]:
    """Return the addresses of the servers at hand: DATABASE_URL, then the project's own.

    Raises:
        JobgenError: The file with the address of the project's own server cannot be read.
    """
    with project_errors():
        urls = (environment_database_url(), project_database_url(root))
    return tuple(url for url in urls if url)


def model_database_urls(project: Project) -> tuple[str, ...]:
    """Return the addresses at hand, with that of Django's settings after DATABASE_URL.

    Django is asked where its models make the tables and DATABASE_URL is not set.

    Raises:
        JobgenError: No address is known because Django's settings cannot be read.
    """
    urls = database_urls(project.root)
    with project_errors():
        is_given = environment_database_url() is not None
    if is_given or project.schema_source == "file" or configured_tool(project.root) != "Django":
        return urls
    from jobgen.migration_tools.django import django_database

    try:
        return (django_database(project), *urls)
    except JobgenError:
        if not urls:
            raise
        return urls


def _read_database(project: Project) -> Schema:
    import psycopg

    from jobgen.postgres.databases import connection_failed, invalid_address
    from jobgen.schema.introspect.catalog import read_catalog

    urls = model_database_urls(project)
    if not urls:
        raise JobgenError(
            "[tool.jobgen] has schema_source = 'database', but no database is known.",
            hint="Set DATABASE_URL, or start the project's own with `jobgen postgres start`.",
        )
    try:
        with psycopg.connect(urls[0], client_encoding="utf8") as conn:
            return read_catalog(conn)
    except psycopg.Error as error:
        if error.sqlstate is None and isinstance(error, psycopg.OperationalError):
            raise connection_failed(error) from None
        if error.sqlstate is None and isinstance(error, psycopg.ProgrammingError):
            raise invalid_address(error) from None
        raise JobgenError(f"The database's schema cannot be read: {error}".strip()) from None


def _joined(database: Schema, text: Schema) -> Schema:
    return replace(
        text,
        tables=MappingProxyType(dict(sorted({**database.tables, **text.tables}.items()))),
        types=MappingProxyType(dict(sorted({**database.types, **text.types}.items()))),
        others=database.others | text.others,
        extension_types=database.extension_types | text.extension_types,
    )
