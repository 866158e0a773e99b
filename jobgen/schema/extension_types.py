"""The types that well-known extensions create, by which the text of Schema.sql is understood."""

from __future__ import annotations

EXTENSION_TYPES: dict[str, tuple[str, ...]] = {
    "citext": ("citext",),
    "cube": ("cube",),
    "hll": ("hll",),
    "hstore": ("hstore",),
    "intarray": ("query_int",),
    "ip4r": ("ip4", "ip4r", "ip6", "ip6r", "ipaddress", "iprange"),
    "isn": ("ean13", "isbn", "isbn13", "ismn", "ismn13", "issn", "issn13", "upc"),
    "ltree": ("lquery", "ltree", "ltxtquery"),
    "postgis": ("box2d", "box3d", "geography", "geometry"),
    "postgis_raster": ("raster",),
    "seg": ("seg",),
    "semver": ("semver",),
    "vector": ("halfvec", "sparsevec", "vector"),
}
"""The names of an extension's types."""


def extension_of_type(name: str) -> str | None:
    """Return the well-known extension that creates a type called `name`, or None."""
    return next((key for key, types in EXTENSION_TYPES.items() if name in types), None)
