"""The one answer where a file cannot be edited faithfully."""

from __future__ import annotations

from jobgen.errors import JobgenError


class CannotRegister(JobgenError):
    """A file that its user has to edit by hand.

    `reason` says what stands in the way, `line` where (from 1; None where it is the whole
    file), and `paste` is the text that does by hand what could not be done here; it is empty
    where something has to be taken out.
    """

    def __init__(self, reason: str, paste: str, line: int | None = None) -> None:
        super().__init__(reason, hint=f"add this by hand:\n{paste}" if paste else None)
        self.reason = reason
        self.paste = paste
        self.line = line
