"""The style sheet and the script, named by a hash of their content: browsers cache them forever."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

STYLE = "dashboard.css"
SCRIPTS = (
    "enhance.js",
    "times.js",
    "morph.js",
    "live.js",
    "copy.js",
    "choose.js",
    "continue.js",
    "forms.js",
    "start.js",
)
"""The parts of the script, which pages load as one file, in this order."""


@dataclass(frozen=True)
class Asset:
    """A file that pages load."""

    name: str
    """The file name, with a hash of the content."""
    media_type: str
    content: bytes

    @property
    def integrity(self) -> str:
        """The hash that names the content in a Content-Security-Policy, and in `integrity`."""
        return f"sha256-{base64.b64encode(sha256(self.content).digest()).decode()}"


@cache
def style() -> Asset:
    """Return the dashboard's style sheet."""
    return _asset("css", "text/css; charset=utf-8", _read(STYLE))


@cache
def script() -> Asset:
    """Return the dashboard's script."""
    content = b"\n".join(_read(f"script/{name}") for name in SCRIPTS)
    return _asset("js", "text/javascript; charset=utf-8", content)


@cache
def assets() -> Mapping[str, Asset]:
    """Return the files that pages load, by their names."""
    return {asset.name: asset for asset in (style(), script())}


def _read(path: str) -> bytes:
    return (files("jobgen_runtime.dashboard") / "static" / path).read_bytes()


def _asset(suffix: str, media_type: str, content: bytes) -> Asset:
    digest = sha256(content).hexdigest()[:16]
    return Asset(f"dashboard.{digest}.{suffix}", media_type, content)
