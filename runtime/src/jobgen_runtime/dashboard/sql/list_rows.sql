SELECT {columns}
FROM {table}
WHERE {condition}
ORDER BY id DESC
LIMIT %(limit)s OFFSET %(offset)s
