"""Free ports of the loopback interface."""

from __future__ import annotations

import socket

from jobgen.errors import JobgenError

HOST = "127.0.0.1"
_PORTS_TRIED = 50


def free_socket(port: int) -> socket.socket:
    """Return a listening socket of the loopback interface at the first free port from `port` on.

    Processes that are started may inherit it. It stays open while one that serves it is started
    again, so that a browser waits instead of being refused.

    Raises:
        JobgenError: None of these ports is free.
    """
    for number in range(port, min(port + _PORTS_TRIED, 65536)):
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, number))
            listening.listen(128)
        except OSError:
            listening.close()
        else:
            listening.set_inheritable(True)
            return listening
    raise JobgenError(f"None of the ports from {port} on is free.", hint="Choose another --port.")
