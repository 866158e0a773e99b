-- Return those of the tables, by their quoted names, that have a refused job, or had one.
SELECT name
FROM unnest(%(names)s::text[]) AS listed (name)
WHERE EXISTS (SELECT FROM job_refusals WHERE job_table = pg_catalog.to_regclass(name)::pg_catalog.oid)
