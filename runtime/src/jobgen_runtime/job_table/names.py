"""The names of job tables and of their indexes and triggers."""

from __future__ import annotations

from hashlib import sha256

MAX_IDENTIFIER_BYTES = 63
"""NAMEDATALEN - 1 of every ordinary build of PostgreSQL."""

JOB_TABLE_SUFFIX = "_jobs"
"""The end of every job table's name."""

INDEX_SUFFIXES = ("claim", "running", "failed", "retry", "priority")
"""The suffixes of the names of every job table's indexes."""

_HASH_DIGITS = 8


def object_name(table: str, suffix: str) -> str:
    """Return the name of an index, a trigger or a constraint of `table`: `{table}_{suffix}`.

    A name longer than 63 bytes is cut and ends in a hash of the whole name. The result is
    deterministic, fits, and differs from the table's other object names.
    """
    name = f"{table}_{suffix}"
    encoded = name.encode()
    if len(encoded) <= MAX_IDENTIFIER_BYTES:
        return name
    digest = sha256(encoded).hexdigest()[:_HASH_DIGITS]
    kept = encoded[: MAX_IDENTIFIER_BYTES - _HASH_DIGITS - 1].decode(errors="ignore")
    return f"{kept}_{digest}"
