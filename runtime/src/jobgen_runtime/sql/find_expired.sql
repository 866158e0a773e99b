-- Read the next rows in the order of the primary key, and return for each whether it has ended for longer
-- than it is kept. The limit bounds the rows that are read, not those that have expired: where no row has,
-- the statement must end all the same.
WITH next_row AS MATERIALIZED (
    SELECT id, status, updated_at
    FROM {table}
    WHERE id > %(after)s::UUID AND id <= %(until)s::UUID
    ORDER BY id
    LIMIT %(limit)s
)
SELECT id, {has_expired} AS has_expired
FROM next_row
ORDER BY id
