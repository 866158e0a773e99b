-- Take the lock that CREATE TRIGGER takes. Waiting for it would block every later writer.
LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE NOWAIT
