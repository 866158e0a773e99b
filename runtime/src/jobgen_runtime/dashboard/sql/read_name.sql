SELECT left({name}::text, 100)
FROM {table}
WHERE {key} = %(value)s
