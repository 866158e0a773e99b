"""A process between workers and the server that passes on bytes.

Usage: python relay.py HOST PORT TARGET_HOST TARGET_PORT

A TARGET_HOST that is a path is the folder of a socket file. The relay prints `listening PORT` once
it accepts connections. On SIGUSR1 it silences its connections without notice to either end, as a
firewall does, and passes on the bytes of new ones.
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
        return  # The connection is silenced: both ends stay open.


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
        open_connections.append((writer, there[1]))

    def silence() -> None:
        while pumps:
            pumps.pop().cancel()

    pumps: list[asyncio.Task[None]] = []
    open_connections: list[object] = []
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, silence)
    server = await asyncio.start_server(relay, host, int(port))
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
