-- Return the rows whose names come first from a text on, by an index on the name. Case may matter to its
-- order, so that the text is looked for in three ways.
(
    SELECT {key}::text, left({name}::text, 100)
    FROM {table} AS referenced WHERE {name} >= %(text)s ORDER BY referenced.{name} LIMIT %(limit)s
)
UNION
(
    SELECT {key}::text, left({name}::text, 100)
    FROM {table} AS referenced WHERE {name} >= %(lower)s ORDER BY referenced.{name} LIMIT %(limit)s
)
UNION
(
    SELECT {key}::text, left({name}::text, 100)
    FROM {table} AS referenced WHERE {name} >= %(title)s ORDER BY referenced.{name} LIMIT %(limit)s
)
