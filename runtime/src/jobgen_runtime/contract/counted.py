"""Format numbers of things for messages and log lines."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """Return the number with the noun: "1 running job", "3 running jobs"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
