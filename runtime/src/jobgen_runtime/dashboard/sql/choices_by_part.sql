-- Return rows with a text in their names, among those with the highest keys.
SELECT key, left(name, 100)
FROM (
    SELECT {key}::text AS key, {name}::text AS name
    FROM {table} AS referenced
    ORDER BY referenced.{key} DESC
    LIMIT %(scanned)s
) recent
WHERE name ILIKE %(pattern)s
LIMIT %(limit)s
