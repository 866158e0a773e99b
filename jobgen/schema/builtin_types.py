"""The names of PostgreSQL's own types, which an unqualified type name refers to first."""

from __future__ import annotations

# The base types, ranges and multiranges in pg_type of PostgreSQL 18, schema pg_catalog.
_NAMES = """
    aclitem bit bool box bpchar bytea char cid cidr circle date datemultirange daterange float4
    float8 gtsvector inet int2 int2vector int4 int4multirange int4range int8 int8multirange
    int8range interval json jsonb jsonpath line lseg macaddr macaddr8 money name nummultirange
    numeric numrange oid oidvector path pg_lsn pg_snapshot point polygon refcursor regclass
    regcollation regconfig regdictionary regnamespace regoper regoperator regproc regprocedure
    regrole regtype text tid time timestamp timestamptz timetz tsmultirange tsquery tsrange
    tstzmultirange tstzrange tsvector txid_snapshot uuid varbit varchar xid xid8 xml
"""
BUILTIN_TYPES = frozenset(_NAMES.split())

SERIAL_TYPES = {
    "smallserial": "int2",
    "serial2": "int2",
    "serial": "int4",
    "serial4": "int4",
    "bigserial": "int8",
    "serial8": "int8",
}
"""The integer type of each serial pseudo-type, which adds NOT NULL and a sequence as default."""
