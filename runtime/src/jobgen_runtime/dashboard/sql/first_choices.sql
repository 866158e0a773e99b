-- Return rows of a referenced table in any order: all of them if there are fewer than `limit`.
SELECT {key}::text, left({name}::text, 100)
FROM {table}
LIMIT %(limit)s
