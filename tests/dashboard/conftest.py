"""A database with the runtime's schema, and dashboards over it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest
from jobgen_runtime.dashboard.changes import bulk_actions
from jobgen_runtime.dashboard.database import connections
from jobgen_runtime.dashboard.errors import find_failures, read_failures
from jobgen_runtime.dashboard.figures import reading
from jobgen_runtime.dashboard.lists import counts

from tests.dashboard.attics import DisplayedInitialScrape
from tests.dashboard.sites import DashboardSite, Database, Shops
from tests.support.database import temporary_database

MakeSite = Callable[..., DashboardSite]


@pytest.fixture(scope="session", autouse=True)
def time_enough() -> Iterator[None]:
    """Let a loaded machine take its time. The tests of a limit set it themselves."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(connections, "PAGE_SECONDS", 60.0)
        patched.setattr(connections, "PART_SECONDS", 20.0)
        patched.setattr(connections, "WAIT_SECONDS", 30.0)
        patched.setattr(counts, "TIMEOUT_MS", 20_000)
        patched.setattr(reading, "TIMEOUT_MS", 20_000)
        patched.setattr(bulk_actions, "REQUEST_SECONDS", 20.0)
        patched.setattr(bulk_actions, "COUNT_SECONDS", 20.0)
        patched.setattr(read_failures, "READ_SECONDS", 20.0)
        patched.setattr(find_failures, "READ_SECONDS", 20.0)
        yield


@pytest.fixture(scope="session")
def shops(server_url: str) -> Iterator[Shops]:
    """Return a database for the shops of all tests."""
    with temporary_database(server_url) as conninfo, closing(Shops(conninfo)) as opened:
        yield opened


@pytest.fixture
def shop(shops: Shops) -> Iterator[Database]:
    """Return a schema with the runtime's objects and no job table."""
    with shops.new() as opened:
        yield opened


@pytest.fixture
def make_site(shop: Database) -> Iterator[MakeSite]:
    """Return a function that creates dashboards at /jobs with JobsDashboard's options."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(
            DashboardSite(**{"conninfo": shop.conninfo, **options})
        )


@pytest.fixture
def site(make_site: MakeSite) -> DashboardSite:
    """Return a dashboard at /jobs that accepts everyone."""
    return make_site()


@pytest.fixture
def phish(shop: Database) -> str:
    """Return the id of a band; another band's name is markup."""
    shop.run("CREATE TABLE bands (id UUID DEFAULT uuidv7() PRIMARY KEY, name TEXT NOT NULL)")
    shop.insert("bands", name="<b>Dead</b>")
    phish = shop.insert("bands", name="Phish")
    shop.job_table(
        "initial_scrape_jobs", "band_id UUID NOT NULL REFERENCES bands (id) ON DELETE CASCADE"
    )
    shop.job_table("another_jobs")
    return phish


@pytest.fixture
def attics(make_site: MakeSite, phish: str) -> DashboardSite:
    """Return a dashboard with the custom views of the guide's case study."""
    return make_site(jobs=[DisplayedInitialScrape], page_size=2)


@pytest.fixture
def reader(shop: Database) -> Iterator[Callable[[str], str]]:
    """Return a function that creates a role which may read one table, and returns its name."""
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
