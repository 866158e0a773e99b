"""Style sheets, named by their content so that browsers keep them for good."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

STYLE = "dashboard.css"


@dataclass(frozen=True)
class Asset:
    """A file that pages load."""

    name: str
    """With a hash of the content in it."""
    media_type: str
    content: bytes


@cache
def style() -> Asset:
    """The dashboard's style sheet."""
    content = (files(__package__) / "static" / STYLE).read_bytes()
    digest = sha256(content).hexdigest()[:16]
    return Asset(f"dashboard.{digest}.css", "text/css; charset=utf-8", content)
