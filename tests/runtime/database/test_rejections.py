"""A rejected connection is distinguished from a server that is away."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from jobgen_runtime.database.rejections import is_rejection
from psycopg.conninfo import make_conninfo


@pytest.mark.parametrize(
    ("parameters", "is_rejected"),
    [
        ({"dbname": "no_such_database"}, True),
        ({"user": "no_such_role"}, True),
        ({"service": "no_such_service"}, True),
        ({"options": "-c no_such_setting=1"}, True),
        ({"options": "-c statement_timeout=soon"}, True),
        ({"options": "-c shared_buffers=1GB"}, True),
        ({"host": "/no/such/folder"}, False),
    ],
    ids=str,
)
def test_connection_that_can_never_succeed_is_a_rejection(
    server_url: str,
    parameters: dict[str, str],
    is_rejected: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    services = tmp_path / "services.conf"
    services.write_text("")
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    with pytest.raises(psycopg.OperationalError) as raised:
        psycopg.connect(make_conninfo(server_url, **parameters))
    assert is_rejection(raised.value) is is_rejected
