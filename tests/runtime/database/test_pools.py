"""The connection pools of records, which a program neither opens nor closes."""

from __future__ import annotations

from tests.support.application import Application
from tests.support.rows import Rows


def test_program_exits_while_its_pool_is_still_connecting(app: Application, rows: Rows) -> None:
    app.write(
        "program.py",
        """
        import asyncio
        from Generated.Types import Band

        async def main():
            await asyncio.gather(*(Band.create(name="x") for _ in range(10)))

        for _ in range(30):
            asyncio.run(main())
        """,
    )
    program = app.start("python", "program.py")
    program.wait_for_exit()
    assert rows.conn.execute("SELECT count(*) FROM bands").fetchone() == (300,)
