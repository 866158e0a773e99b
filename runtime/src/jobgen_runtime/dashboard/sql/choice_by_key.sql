SELECT {key}::text, left({name}::text, 100)
FROM {table}
WHERE {key} = %(text)s
LIMIT 1
