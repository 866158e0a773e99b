"""The moment until which a worker's child processes may run its jobs."""

from __future__ import annotations

import math
import mmap
import struct
import tempfile

_MOMENT = struct.Struct("=d")


class Deadline:
    """A time of `contract.clock`, in memory that the worker shares with its child processes.

    A worker that is stopped or hangs cannot end its children. They end themselves after this
    time, before other workers take the jobs over.

    Attributes:
        descriptor: The file descriptor of the shared memory, which the children inherit.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 -- open as long as this is used
        self._file.truncate(_MOMENT.size)
        self.descriptor = self._file.fileno()
        self._memory = mmap.mmap(self.descriptor, _MOMENT.size)
        self.set(math.inf)

    def set(self, moment: float) -> None:
        """Set the time, from any thread; infinity means none."""
        _MOMENT.pack_into(self._memory, 0, moment)

    def close(self) -> None:
        """Close the descriptor, once no more child processes will be started."""
        self._file.close()


def read_moment(memory: mmap.mmap) -> float:
    """Return the time that the worker has set last."""
    [moment] = _MOMENT.unpack_from(memory)
    return float(moment)
