-- edit: index_added, applied
CREATE TABLE t (a integer, b text);
-- rows:
INSERT INTO t VALUES (1, 'x'), (2, 'y');
-- becomes:
CREATE TABLE t (a integer, b text);
CREATE INDEX t_a ON t (a);
CREATE UNIQUE INDEX t_b ON t (lower(b)) WHERE a > 0;

-- edit: index_dropped, reported
CREATE TABLE t (a integer);
CREATE INDEX t_a ON t (a);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE t (a integer);

-- edit: index_renamed, reported
CREATE TABLE t (a integer);
CREATE INDEX t_a ON t (a);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE t (a integer);
CREATE INDEX t_a_new ON t (a);

-- edit: index_redefined, reported
CREATE TABLE t (a integer, b integer);
CREATE INDEX t_a ON t (a);
-- rows:
INSERT INTO t VALUES (1, 2);
-- becomes:
CREATE TABLE t (a integer, b integer);
CREATE INDEX t_a ON t (a, b DESC);

-- edit: index_becomes_constraint, applied
CREATE TABLE t (a integer NOT NULL);
CREATE UNIQUE INDEX k ON t (a);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE t (a integer NOT NULL, CONSTRAINT k UNIQUE (a));

-- edit: index_on_partitioned_added, applied
CREATE TABLE t (id integer, s text) PARTITION BY RANGE (id);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);
-- rows:
INSERT INTO t VALUES (1, 'x');
-- becomes:
CREATE TABLE t (id integer, s text) PARTITION BY RANGE (id);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX t_s ON t (s);

-- edit: index_and_column_added, applied
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1), (2);
-- becomes:
CREATE TABLE t (a integer, b integer DEFAULT 3);
CREATE INDEX t_b ON t (b) WHERE b > 1;

-- edit: statistics_added, applied
CREATE TABLE t (a integer, b integer);
-- rows:
INSERT INTO t VALUES (1, 2);
-- becomes:
CREATE TABLE t (a integer, b integer);
CREATE STATISTICS related ON a, b FROM t;
