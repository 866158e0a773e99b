"""Style sheets, named by a hash of their content so that browsers cache them forever."""

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
    """The file name, with a hash of the content."""
    media_type: str
    content: bytes


@cache
def style() -> Asset:
    """Return the dashboard's style sheet."""
    content = (files("jobgen_runtime.dashboard") / "static" / STYLE).read_bytes()
    digest = sha256(content).hexdigest()[:16]
    return Asset(f"dashboard.{digest}.css", "text/css; charset=utf-8", content)
