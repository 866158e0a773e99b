"""Fork processes of a command right before its `main`, once for each request.

Usage: python fork_server.py SOCKET SCRIPT MODULE ...

The modules are what the command's script in the folder SCRIPT imports. The socket listens. Each
message of a client is JSON with the command, its folder and its environment; with it come
descriptors: standard input, output and error, and one to which the new process's id and later its
exit status are written, as four bytes each. The server exits when its last client has closed its
connection. The options of its interpreter are those of its processes.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import runpy
import selectors
import socket
import sys
import time
from types import ModuleType
from typing import Any

MAX_MESSAGE = 1 << 20
DESCRIPTORS = 4
WORD = 4
"""Bytes of a process id and of an exit status."""


def serve(listener: socket.socket) -> list[str] | None:
    """Serve requests; return the command in each new process, and None in the server at its end."""
    clients: set[socket.socket] = set()
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                source = key.fileobj
                if not isinstance(source, socket.socket):
                    _report_exit(selector, key)
                elif source is listener:
                    client, _ = listener.accept()
                    clients.add(client)
                    selector.register(client, selectors.EVENT_READ)
                else:
                    message, descriptors, _, _ = socket.recv_fds(source, MAX_MESSAGE, DESCRIPTORS)
                    if message:
                        *standard, status = descriptors
                        if not _fork(selector, standard, status):
                            for each in (listener, *clients):
                                each.close()
                            return _become(json.loads(message), standard)
                        continue
                    selector.unregister(source)
                    clients.remove(source)
                    source.close()
                    if not clients:
                        return None


def _fork(selector: selectors.BaseSelector, standard: list[int], status: int) -> int:
    """Fork a process; return its id here, and 0 in it."""
    pid = os.fork()
    if not pid:
        for other in selector.get_map().values():
            if other.data:
                os.close(other.data[1])
                os.close(other.fd)
        os.close(status)
        return 0
    for number in standard:
        os.close(number)
    selector.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, status))
    _write(status, pid)
    return pid


def _report_exit(selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
    pid, status = key.data
    selector.unregister(key.fileobj)
    os.close(key.fd)
    _write(status, os.waitpid(pid, 0)[1])
    os.close(status)


def _write(status: int, number: int) -> None:
    with contextlib.suppress(BrokenPipeError):
        os.write(status, number.to_bytes(WORD, "little"))


def _become(request: dict[str, Any], standard: list[int]) -> list[str]:
    """Give this process what a new one has of the request, and return the command."""
    for target, number in enumerate(standard):
        os.dup2(number, target)
        os.close(number)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    gc.enable()
    command: list[str] = request["command"]
    # With pathlib, each process would have imported it.
    sys.path[0] = os.path.dirname(os.path.realpath(command[0]))  # noqa: PTH120 -- see above
    return command


def _forget(modules: dict[str, ModuleType]) -> None:
    """Take modules out of those that the interpreter clears at its end."""
    for name in modules:
        sys.modules.pop(name, None)


if __name__ == "__main__":
    sys.path[0] = sys.argv[2]
    gc.disable()
    shared: dict[str, ModuleType] = {}
    atexit.register(_forget, shared)  # before the imports, so that it is called after theirs
    for name in sys.argv[3:]:
        importlib.import_module(name)
    # The end of a process would otherwise touch, and so copy, the memory that it shares with this
    # one, which takes longer than most commands. What is frozen is never collected, and a cycle
    # that is not collected keeps what it refers to.
    shared.update(sys.modules)
    for name in ("__main__", "builtins", "sys"):
        del shared[name]
    cycle: list[Any] = [shared]
    cycle.append(cycle)
    gc.freeze()
    program = serve(socket.socket(fileno=int(sys.argv[1])))
    if program is not None:
        sys.argv = program
        runpy.run_path(program[0], run_name="__main__")
