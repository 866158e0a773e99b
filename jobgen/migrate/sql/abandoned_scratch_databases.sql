-- Scratch databases of this role that were created before a time and that no session uses.
SELECT d.datname
FROM pg_database d
WHERE d.datname ~ %s AND split_part(d.datname, '_', 3)::bigint < %s
  AND pg_has_role(d.datdba, 'USAGE')
  AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)
