-- Plan the insertion of a job that may be a duplicate, without executing it: the database says if it
-- does not have the unique index.
EXPLAIN INSERT INTO {table} DEFAULT VALUES{on_conflict}
