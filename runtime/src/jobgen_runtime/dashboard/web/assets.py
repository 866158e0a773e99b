"""The style sheet and the script, named by a hash of their content: browsers cache them forever."""

from __future__ import annotations

import base64
import gzip
import re
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
    "display.js",
    "keys.js",
    "copy.js",
    "choose.js",
    "continue.js",
    "forms.js",
    "start.js",
)
"""The parts of the script, which pages load as one file, in this order."""

INDENTATION = re.compile(rb"^[ \t]+", re.MULTILINE)
COMMENT = re.compile(rb"^(//.*|/\*.*\*/)?\n", re.MULTILINE)
"""A line that is empty or a comment, as all comments of the style sheet and the script are."""


@dataclass(frozen=True)
class Asset:
    """A file that pages load."""

    name: str
    """The file name, with a hash of the content."""
    media_type: str
    content: bytes
    compressed: bytes
    """The content for a browser that accepts gzip. It has no secret that its length could tell."""

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
    """Return a file without what only its readers need: indentation and lines of comments."""
    text = (files("jobgen_runtime.dashboard") / "static" / path).read_bytes()
    return COMMENT.sub(b"", INDENTATION.sub(b"", text))


def _asset(suffix: str, media_type: str, content: bytes) -> Asset:
    digest = sha256(content).hexdigest()[:16]
    compressed = gzip.compress(content, mtime=0)
    return Asset(f"dashboard.{digest}.{suffix}", media_type, content, compressed)
