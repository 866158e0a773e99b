"""Until when a worker's processes may run its jobs, should it fall silent."""

from __future__ import annotations

import math
import mmap
import struct
import tempfile

_MOMENT = struct.Struct("=d")


class Deadline:
    """A moment of `contract.clock`, in memory that the worker and its processes share.

    A worker that is stopped, or that hangs, cannot end them: after this moment they end themselves,
    before other workers take the jobs.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 -- open as long as this is used
        self._file.truncate(_MOMENT.size)
        self.descriptor = self._file.fileno()
        """For the processes to inherit."""
        self._memory = mmap.mmap(self.descriptor, _MOMENT.size)
        self.set(math.inf)

    def set(self, moment: float) -> None:
        """From any thread."""
        _MOMENT.pack_into(self._memory, 0, moment)

    def close(self) -> None:
        """No process will be started any more."""
        self._file.close()


def read_moment(memory: mmap.mmap) -> float:
    """What the worker has set last."""
    [moment] = _MOMENT.unpack_from(memory)
    return float(moment)
