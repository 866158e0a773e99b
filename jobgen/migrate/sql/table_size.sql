-- How many rows a table has, counted no further than needed.
SELECT pg_catalog.count(*) FROM (SELECT FROM {table} LIMIT %s) AS rows
