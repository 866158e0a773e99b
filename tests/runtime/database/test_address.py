"""Addresses of databases as URLs."""

from __future__ import annotations

import pytest
from jobgen_runtime.contract.errors import NoDatabase
from jobgen_runtime.database.address import as_url
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import make_url

ADDRESSES = {
    "nothing": {},
    "a socket": {"host": "/var/run/a b", "port": 5433, "user": "postgres", "dbname": "shop"},
    "a server": {"host": "db.example.com", "port": 5432, "dbname": "shop"},
    "an address of IPv6": {"host": "::1", "port": 5432, "user": "ada", "dbname": "shop"},
    "a port alone": {"port": 5433, "dbname": "shop"},
    "several hosts": {"host": "one,two", "port": "1,2", "dbname": "shop"},
    "odd names": {"user": "a/b@c:d", "password": "p?a&s#s%20", "dbname": "my/shop ü"},
    "options": {"dbname": "shop", "options": "-c search_path=a,b", "sslmode": "require"},
}


@pytest.mark.parametrize("parts", ADDRESSES.values(), ids=ADDRESSES.keys())
def test_url_has_what_the_connection_string_has(parts: dict[str, str | int]) -> None:
    conninfo = make_conninfo("", **parts)
    url = as_url(conninfo)
    assert conninfo_to_dict(url) == conninfo_to_dict(conninfo)
    assert as_url(url) == url
    assert make_url(url).database == parts.get("dbname", "")
    assert make_url(url).password == parts.get("password")


def test_invalid_connection_string_is_refused() -> None:
    with pytest.raises(NoDatabase):
        as_url("host")
