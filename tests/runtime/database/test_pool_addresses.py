"""The address to which a pool connects."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest
from jobgen_runtime import configure
from jobgen_runtime.contract.errors import NoDatabase
from jobgen_runtime.database import close_pool, close_pool_sync
from psycopg.conninfo import make_conninfo

from tests.support.shop_types import Band

Correct = Callable[[str], None]


@pytest.fixture(autouse=True)
def no_pool() -> Iterator[None]:
    close_pool_sync()
    yield
    close_pool_sync()
    configure()


@pytest.fixture(params=["configure", "environment"])
def set_address(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Correct:
    """A way to give the address to the program."""
    if request.param == "configure":
        return configure
    return lambda url: monkeypatch.setenv("DATABASE_URL", url)


def test_pool_that_never_connected_follows_a_corrected_address(
    app_database: str, set_address: Correct
) -> None:
    wrong = make_conninfo(app_database, dbname="missing")

    async def use() -> None:
        set_address(wrong)
        with pytest.raises(NoDatabase, match="missing"):
            await Band.create(name="x")
        set_address("postgresql://invalid:address:here")
        with pytest.raises(NoDatabase, match="invalid"):
            await Band.create(name="x")
        set_address(app_database)
        assert (await Band.create(name="x")).name == "x"
        await close_pool()

    asyncio.run(use())
    set_address(wrong)
    with pytest.raises(NoDatabase, match="missing"):
        Band.create_sync(name="x")
    set_address(app_database)
    assert Band.create_sync(name="x").name == "x"


def test_pool_that_has_connected_stays_with_its_database(
    app_database: str, set_address: Correct
) -> None:
    set_address(app_database)
    band = Band.create_sync(name="x")
    set_address(make_conninfo(app_database, dbname="missing"))
    assert Band.fetch_all_sync("SELECT * FROM bands") == [band]
    close_pool_sync()
    with pytest.raises(NoDatabase, match="missing"):
        Band.fetch_all_sync("SELECT * FROM bands")
