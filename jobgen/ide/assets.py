"""The style sheets and the script of the pages, named by a hash so that browsers cache them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

_FILES = {
    # The dashboard's style: its colours, cards, buttons and forms are those of these pages. The
    # file is read without importing the dashboard.
    "dashboard.css": ("jobgen_runtime", "dashboard/static/dashboard.css"),
    "ide.css": ("jobgen.ide", "static/ide.css"),
    "ide.js": ("jobgen.ide", "static/ide.js"),
}
_MEDIA_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages load.

    Attributes:
        address: Its address, with a hash of the content.
        media_type: The value of Content-Type.
        content: Its content.
    """

    address: str
    media_type: str
    content: bytes


@cache
def assets() -> Mapping[str, Asset]:
    """Return the files by their plain names, such as `ide.css`."""
    return {name: _read(name, *place) for name, place in _FILES.items()}


def _read(name: str, package: str, path: str) -> Asset:
    content = files(package).joinpath(path).read_bytes()
    stem, suffix = name.rsplit(".", 1)
    digest = sha256(content).hexdigest()[:16]
    return Asset(f"/assets/{stem}.{digest}.{suffix}", _MEDIA_TYPES[suffix], content)
