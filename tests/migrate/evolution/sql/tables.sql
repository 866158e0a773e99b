-- edit: table_added, applied
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE t (a integer);
CREATE TABLE u (id serial PRIMARY KEY, a integer DEFAULT 2 CHECK (a > 0), b text COLLATE "C");
CREATE INDEX ON u (b);
COMMENT ON TABLE u IS 'new';

-- edit: table_dropped, reported
CREATE TABLE t (a integer);
CREATE TABLE u (a integer);
-- rows:
INSERT INTO u VALUES (1);
-- becomes:
CREATE TABLE t (a integer);

-- edit: table_renamed, reported
CREATE TABLE before_it (id integer PRIMARY KEY, a text);
-- rows:
INSERT INTO before_it VALUES (1, 'x');
-- becomes:
CREATE TABLE after_it (id integer PRIMARY KEY, a text);

-- edit: table_becomes_view, reported
CREATE TABLE u (a integer);
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE u (a integer);
CREATE VIEW t AS SELECT a FROM u;

-- edit: table_becomes_unlogged, reported
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE UNLOGGED TABLE t (a integer);

-- edit: table_options_changed, reported
CREATE TABLE t (a text);
-- rows:
INSERT INTO t VALUES ('x');
-- becomes:
CREATE TABLE t (a text) WITH (fillfactor = 50, toast.autovacuum_enabled = false);

-- edit: table_replica_identity_changed, reported
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE t (a integer);
ALTER TABLE t REPLICA IDENTITY FULL;

-- edit: table_of_type, reported
CREATE TYPE pair AS (a integer, b text);
CREATE TABLE t (a integer, b text);
-- rows:
INSERT INTO t VALUES (1, 'x');
-- becomes:
CREATE TYPE pair AS (a integer, b text);
CREATE TABLE t OF pair;

-- edit: partition_added, applied
CREATE TABLE t (id integer, s text) PARTITION BY RANGE (id);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);
-- rows:
INSERT INTO t VALUES (1, 'x');
-- becomes:
CREATE TABLE t (id integer, s text) PARTITION BY RANGE (id);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (10) TO (20);

-- edit: partitioned_column_added, applied
CREATE TABLE t (id integer) PARTITION BY RANGE (id);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE t (id integer, s text DEFAULT 'x') PARTITION BY RANGE (id);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);

-- edit: partition_bounds_changed, reported
CREATE TABLE t (id integer) PARTITION BY RANGE (id);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE t (id integer) PARTITION BY RANGE (id);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (20);

-- edit: partition_default_changed, reported
CREATE TABLE t (id integer, tax numeric DEFAULT 0) PARTITION BY RANGE (id);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);
-- rows:
INSERT INTO t VALUES (1, 5);
-- becomes:
CREATE TABLE t (id integer, tax numeric DEFAULT 0) PARTITION BY RANGE (id);
CREATE TABLE t_1 PARTITION OF t (tax DEFAULT 0.2) FOR VALUES FROM (0) TO (10);

-- edit: plain_table_becomes_partition, applied
CREATE TABLE m (id integer, s text) PARTITION BY RANGE (id);
CREATE TABLE m_a (id integer, s text);
-- rows:
INSERT INTO m_a VALUES (1, 'x');
-- becomes:
CREATE TABLE m (id integer, s text) PARTITION BY RANGE (id);
CREATE TABLE m_a PARTITION OF m FOR VALUES FROM (0) TO (10);

-- edit: partition_becomes_plain_table, reported
CREATE TABLE m (id integer, s text) PARTITION BY RANGE (id);
CREATE TABLE m_a PARTITION OF m FOR VALUES FROM (0) TO (10);
-- rows:
INSERT INTO m VALUES (1, 'x');
-- becomes:
CREATE TABLE m (id integer, s text) PARTITION BY RANGE (id);
CREATE TABLE m_a (id integer, s text);

-- edit: table_becomes_partitioned, reported
CREATE TABLE m (id integer, s text);
-- rows:
INSERT INTO m VALUES (1, 'x');
-- becomes:
CREATE TABLE m (id integer, s text) PARTITION BY RANGE (id);
CREATE TABLE m_a PARTITION OF m FOR VALUES FROM (0) TO (10);

-- edit: partition_becomes_partitioned, reported
CREATE TABLE m (id integer, s text) PARTITION BY RANGE (id);
CREATE TABLE m_a PARTITION OF m FOR VALUES FROM (0) TO (10);
-- rows:
INSERT INTO m VALUES (1, 'x');
-- becomes:
CREATE TABLE m (id integer, s text) PARTITION BY RANGE (id);
CREATE TABLE m_a PARTITION OF m FOR VALUES FROM (0) TO (10) PARTITION BY LIST (s);

-- edit: plain_table_becomes_child, reported
CREATE TABLE a (id integer, v text DEFAULT 'a');
CREATE TABLE b (id integer, v text, w integer);
-- rows:
INSERT INTO b VALUES (1, 'x', 2);
-- becomes:
CREATE TABLE a (id integer, v text DEFAULT 'a');
CREATE TABLE b (w integer) INHERITS (a);

-- edit: child_becomes_plain_table, reported
CREATE TABLE a (id integer, v text);
CREATE TABLE b (w integer) INHERITS (a);
-- rows:
INSERT INTO a VALUES (1, 'y');
INSERT INTO b VALUES (1, 'x', 2);
-- becomes:
CREATE TABLE a (id integer, v text);
CREATE TABLE b (id integer, v text, w integer);

-- edit: inherited_column_added, applied
CREATE TABLE a (id integer);
CREATE TABLE b (w integer) INHERITS (a);
-- rows:
INSERT INTO b VALUES (1, 2);
-- becomes:
CREATE TABLE a (id integer, v text DEFAULT 'a');
CREATE TABLE b (w integer) INHERITS (a);

-- edit: row_security_changed, reported
CREATE TABLE t (a integer, author text);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON t USING (author = CURRENT_USER);
-- rows:
INSERT INTO t VALUES (1, 'x');
-- becomes:
CREATE TABLE t (a integer, author text);
CREATE POLICY mine ON t USING (true);

-- edit: row_security_added, applied
CREATE TABLE t (a integer, author text);
-- rows:
INSERT INTO t VALUES (1, 'x');
-- becomes:
CREATE TABLE t (a integer, author text);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON t USING (author = CURRENT_USER);

-- edit: trigger_added, applied
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE t (a integer);
CREATE FUNCTION noticed() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER watch AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION noticed();
CREATE TRIGGER off AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION noticed();
ALTER TABLE t DISABLE TRIGGER off;

-- edit: trigger_disabled, reported
CREATE TABLE t (a integer);
CREATE FUNCTION noticed() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER watch AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION noticed();
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE t (a integer);
CREATE FUNCTION noticed() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER watch AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION noticed();
ALTER TABLE t DISABLE TRIGGER watch;

-- edit: rule_added, applied
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE t (a integer);
CREATE RULE never AS ON DELETE TO t DO INSTEAD NOTHING;

-- edit: row_security_disabled, reported
CREATE TABLE t (a integer);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE t (a integer);

-- edit: publication_of_fewer_tables, reported
CREATE TABLE t (a integer);
CREATE TABLE u (a integer);
CREATE PUBLICATION publication_of_fewer_tables FOR TABLE t, u;
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE t (a integer);
CREATE TABLE u (a integer);
CREATE PUBLICATION publication_of_fewer_tables FOR TABLE t;
