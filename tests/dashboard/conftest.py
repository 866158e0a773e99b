"""A database with the runtime's schema, and dashboards over it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from jobgen_runtime.database import runtime_schema

from tests.dashboard.sites import DashboardSite, Database
from tests.support.database import temporary_database

MakeSite = Callable[..., DashboardSite]


@pytest.fixture(scope="session")
def shops(server_url: str) -> Iterator[str]:
    """The conninfo of a database in which each test has a schema: far cheaper than a database."""
    with temporary_database(server_url) as conninfo:
        yield conninfo


@pytest.fixture
def shop(shops: str) -> Iterator[Database]:
    """A schema with the runtime's own objects and no job table."""
    opened = Database(shops, f"shop_{uuid.uuid4().hex}")
    opened.run(f"CREATE SCHEMA {opened.schema}")
    opened.run(runtime_schema().replace("%", "%%"))
    yield opened
    opened.run(f"DROP SCHEMA {opened.schema} CASCADE")
    opened.close()


@pytest.fixture
def make_site(shop: Database) -> Iterator[MakeSite]:
    """Makes dashboards at /jobs over the shop; the options are JobsDashboard's."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(
            DashboardSite(**{"conninfo": shop.conninfo, **options})
        )


@pytest.fixture
def site(make_site: MakeSite) -> DashboardSite:
    """A dashboard at /jobs over the shop that lets everybody in."""
    return make_site()


@pytest.fixture
def reader(shop: Database) -> Iterator[Callable[[str], str]]:
    """Makes a role that may read one table of the shop and nothing else; its name."""
    roles: list[str] = []

    def make(table: str) -> str:
        roles.append(f"reader_{uuid.uuid4().hex}")
        shop.run(f"CREATE ROLE {roles[-1]}")
        shop.run(f"GRANT USAGE ON SCHEMA {shop.schema} TO {roles[-1]}")
        shop.run(f"GRANT SELECT ON {table} TO {roles[-1]}")
        return roles[-1]

    yield make
    for role in roles:
        shop.run(f"DROP OWNED BY {role}")
        shop.run(f"DROP ROLE {role}")
