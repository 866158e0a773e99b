"""The ids of claims as one parameter: an array in the binary format of PostgreSQL.

For the server, a completion costs a tenth less than with an array's text. psycopg would convert a
list of UUIDs one by one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from psycopg.adapt import Dumper
from psycopg.postgres import types
from psycopg.pq import Format

from jobgen_runtime.database.adapters import OWN_ADAPTERS
from jobgen_runtime.queue.claims import Claim

_HEADER = struct.Struct("!iiIii")
"""The number of dimensions, whether there are NULLs, the type; then the length and first index."""

_EMPTY = struct.Struct("!iiI")
"""The same for an array without elements, which has no dimension."""

_LENGTH = (16).to_bytes(4)
"""The length of an element, which stands before it."""


class IdArray(bytes):
    """The ids of claims, for a parameter of the type `UUID[]`."""

    __slots__ = ()


def array_of_ids(claims: Iterable[Claim]) -> IdArray:
    """Return the ids of claims as a parameter for a cursor with the runtime's own adapters."""
    ids = [_LENGTH + claim.key.to_bytes(16) for claim in claims]
    header = _HEADER.pack(1, 0, types["uuid"].oid, len(ids), 1)
    return IdArray(b"".join((header, *ids)) if ids else _EMPTY.pack(0, 0, types["uuid"].oid))


class _IdArrayDumper(Dumper):
    format = Format.BINARY
    oid = types["uuid"].array_oid

    def dump(self, obj: IdArray) -> IdArray:
        return obj


OWN_ADAPTERS.register_dumper(IdArray, _IdArrayDumper)
