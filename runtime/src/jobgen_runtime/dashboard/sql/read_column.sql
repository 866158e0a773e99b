SELECT {column}
FROM {table}
WHERE id = %(id)s
