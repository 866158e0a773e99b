-- The settings of the worker's sessions. Without them, a plan from when a table was small, or from
-- before its statistics knew of a bulk insert, reads all due rows, or the whole table, instead of
-- the first rows of an index. The lock timeout keeps a lock on one table from holding up the jobs
-- of the others. Before version 18, a plan without an index costs so much that JIT would compile it, which
-- takes a thousand times as long as the statement.
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SET enable_sort = off;
SET jit = off;
SET lock_timeout = '500ms'
