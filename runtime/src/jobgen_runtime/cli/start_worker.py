"""The program `run-jobs`: what precedes the imports that it needs, which take most of its start.

The default effect of SIGUSR1 is to end the process. A request that arrives before the imports are
done is dropped. What they create stays until the end, so garbage collection need not look at it.
"""

from __future__ import annotations

import gc
import signal

signal.signal(signal.SIGUSR1, lambda _number, _frame: None)
gc.disable()

from jobgen_runtime.cli.run_jobs import main  # noqa: E402 -- see above

gc.freeze()
gc.enable()

__all__ = ["main"]

if __name__ == "__main__":
    main()
