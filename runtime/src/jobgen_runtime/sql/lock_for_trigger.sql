-- The lock that CREATE TRIGGER takes. Waiting for it would hold up every writer that comes later.
LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE NOWAIT
