"""A process between workers and the server: passes on bytes, and can be stopped or cut off.

`python relay.py HOST PORT TARGET_HOST TARGET_PORT`; a TARGET_HOST that is a path means a socket
file. Says `listening PORT` once it does. At SIGUSR1 it forgets the connections that it has, without
a word to either end, as a firewall does; new ones it passes on.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()
    except asyncio.CancelledError:
        return  # Forgotten: neither end is told.


async def main(host: str, port: str, target_host: str, target_port: str) -> None:
    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if target_host.startswith("/"):
                path = f"{target_host}/.s.PGSQL.{target_port}"
                there = await asyncio.open_unix_connection(path)
            else:
                there = await asyncio.open_connection(target_host, int(target_port))
        except OSError:
            writer.close()
            return
        pairs = ((reader, there[1]), (there[0], writer))
        pumps.extend(asyncio.create_task(pump(*pair)) for pair in pairs)
        held.append((writer, there[1]))

    def forget() -> None:
        while pumps:
            pumps.pop().cancel()

    pumps: list[asyncio.Task[None]] = []
    held: list[object] = []
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, forget)
    server = await asyncio.start_server(relay, host, int(port))
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
