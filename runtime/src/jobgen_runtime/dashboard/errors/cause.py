"""Find the cause of a failure in its error: the exception and the place that raised it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256

from jobgen_runtime.contract.error_summary import error_summary, split_summary
from jobgen_runtime.dashboard.access.redaction import redact_secrets
from jobgen_runtime.dashboard.components.frames import raising_frame

FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_VARIABLE = re.compile(
    r"""
      '[^'\n]{0,200}' | "[^"\n]{0,200}"
    | \b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b
    | \b0x[0-9a-f]+
    | \d+(?:[.:]\d+)*
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""What differs between messages of the same cause: quoted text, UUIDs, addresses, numbers."""


@dataclass(frozen=True)
class Cause:
    """What the failures of one group have in common.

    Failures of one exception at one place have one cause, whatever their messages are. The place
    includes the text of its line instead of the number, which changes with each edit above it.
    """

    exception: str
    """The exception's class with its module; empty for an error that the runtime wrote."""

    path: str = ""
    """The end of the file's path; empty if the error has no traceback."""

    function: str = ""
    source: str = ""
    """The text of the line."""

    message: str = ""
    """The message without what varies, redacted, if only that tells causes apart; else empty."""

    @cached_property
    def fingerprint(self) -> str:
        """The cause in an address: equal causes have the same."""
        parts = (self.exception, self.path, self.function, self.source, self.message)
        return sha256("\0".join(parts).encode(errors="replace")).hexdigest()[:16]

    @cached_property
    def place(self) -> str:
        """The place for people; empty if the error has no traceback."""
        return redact_secrets(f"{self.path} in {self.function}" if self.function else self.path)


def find_cause(error: str) -> Cause:
    """Return the cause of a failure.

    The place is the last frame of the application's own code in the last traceback, or the last
    frame if none is. An error without an exception or a frame is identified by its message.
    """
    exception, message = split_summary(error_summary(error))
    frame = raising_frame(error) if exception else None
    if frame is None:
        return _shared(Cause(exception, message=_VARIABLE.sub("#", redact_secrets(message))[:300]))
    return _shared(Cause(exception, frame.path_end, frame.function, frame.source))


@lru_cache(maxsize=1_000)
def _shared(cause: Cause) -> Cause:
    """Return the same object for equal causes: thousands of failures have the same."""
    return cause
