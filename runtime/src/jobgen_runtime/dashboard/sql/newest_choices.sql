-- Return the rows of a referenced table with the highest keys: the newest, if keys grow.
SELECT {key}::text, left({name}::text, 100)
FROM {table} AS referenced
ORDER BY referenced.{key} DESC
LIMIT %(limit)s
