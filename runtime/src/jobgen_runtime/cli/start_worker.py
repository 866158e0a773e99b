"""The program `run-jobs`: it takes SIGUSR1 before it imports what it needs.

The default effect of the signal is to end the process, and the imports take most of its start. A
request that arrives before they are done is dropped.
"""

from __future__ import annotations

import signal

signal.signal(signal.SIGUSR1, lambda _number, _frame: None)

from jobgen_runtime.cli.run_jobs import main  # noqa: E402 -- see above

__all__ = ["main"]
