-- Return the names of the rows with these keys, an array as text, which has the type of the key.
SELECT {key}::text, left({name}::text, 100)
FROM {table}
WHERE {key} = ANY (%(keys)s)
