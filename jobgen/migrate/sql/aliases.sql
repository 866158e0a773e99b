-- Objects that are created together with another object: (class, oid, sub) of it and of its owner.
SELECT 'pg_rewrite' AS class, oid, 'pg_class' AS owner_class, ev_class AS owner, 0 AS owner_sub FROM pg_rewrite WHERE oid >= 16384
UNION ALL
SELECT 'pg_attrdef', oid, 'pg_class', adrelid, adnum FROM pg_attrdef
UNION ALL
SELECT 'pg_type', t.oid, 'pg_class', t.typrelid, 0 FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid WHERE c.relkind <> 'c' AND t.oid >= 16384
UNION ALL
SELECT 'pg_class', c.oid, 'pg_type', c.reltype, 0 FROM pg_class c WHERE c.relkind = 'c' AND c.oid >= 16384
UNION ALL
SELECT 'pg_type', t.typarray, 'pg_type', t.oid, 0 FROM pg_type t WHERE t.typarray >= 16384
UNION ALL
SELECT 'pg_type', r.rngmultitypid, 'pg_type', r.rngtypid, 0 FROM pg_range r WHERE r.rngmultitypid >= 16384
UNION ALL
SELECT 'pg_class', c.conindid, 'pg_constraint', c.oid, 0 FROM pg_constraint c WHERE c.contype IN ('p', 'u', 'x')
UNION ALL
SELECT 'pg_constraint', c.oid, 'pg_type', c.contypid, 0 FROM pg_constraint c WHERE c.contypid >= 16384
