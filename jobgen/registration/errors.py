"""The error of a file that cannot be edited faithfully."""

from __future__ import annotations

from jobgen.errors import JobgenError


class CannotRegister(JobgenError):
    """A file that the user has to edit.

    Attributes:
        reason: Why jobgen cannot edit it, as a clause for "FILE cannot be edited: …".
        paste: The text for the user to add; "" if something has to be removed.
        line: The line that is the reason, from 1; None for the whole file.
        advice: What to do first, as a sentence; "" for nothing but adding the text.
        action: What to do with the text, as the beginning of a sentence.
    """

    def __init__(
        self,
        reason: str,
        paste: str,
        line: int | None = None,
        advice: str = "",
        action: str = "Add this to it",
    ) -> None:
        super().__init__(reason, hint=f"{action}:\n{paste}" if paste else None)
        self.action = action
        self.reason = reason
        self.paste = paste
        self.line = line
        self.advice = advice
