"""Notifications over the connection that claims."""

from __future__ import annotations

import asyncio
import select
from dataclasses import dataclass

import psycopg
from jobgen_runtime.listener import Listener

from tests.support.waiting import TIMEOUT


@dataclass
class Recorder:
    notifications: list[str | None]

    def on_notification(self, payload: str | None) -> None:
        self.notifications.append(payload)

    def on_listening_changed(self, is_listening: bool) -> None:
        assert is_listening


def test_listener_passes_on_a_notification_that_arrived_behind_the_last_answer(
    app_database: str,
) -> None:
    async def heard() -> list[str | None]:
        came: list[str | None] = []
        listener = Listener(Recorder(came), check_every=3600)
        conn = await psycopg.AsyncConnection.connect(app_database, autocommit=True)
        async with conn:
            await listener.check(conn, owns_session=True)
            came.clear()
            with psycopg.connect(app_database, autocommit=True) as other:
                other.execute("NOTIFY job_workers, 'public.probe_jobs'")
            # As if it had been read together with an answer: the socket has no more to say.
            select.select([conn.fileno()], [], [], TIMEOUT)
            conn.pgconn.consume_input()
            listener.start()
            listener.stop()
        return came

    assert asyncio.run(heard()) == ["public.probe_jobs"]
