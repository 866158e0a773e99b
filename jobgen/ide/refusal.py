"""A request that is not carried out."""

from __future__ import annotations


class Refused(Exception):
    """The request is invalid: the page has the HTTP `status` and shows `message`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
