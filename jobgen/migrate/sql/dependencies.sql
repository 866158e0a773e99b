-- Which object needs which to be there first. That a sequence belongs to a column is left
-- out: the column needs the sequence, and is told of it afterwards.
SELECT d.classid::regclass::text AS class, d.objid AS oid, d.objsubid AS sub,
       d.refclassid::regclass::text AS needed_class, d.refobjid AS needed_oid, d.refobjsubid AS needed_sub
FROM pg_depend d
LEFT JOIN pg_class s ON d.classid = 'pg_class'::regclass AND s.oid = d.objid AND s.relkind = 'S'
WHERE d.objid >= 16384 AND d.refobjid >= 16384 AND d.deptype IN ('n', 'a', 'P', 'S', 'e')
  AND NOT (s.oid IS NOT NULL AND d.deptype = 'a')
