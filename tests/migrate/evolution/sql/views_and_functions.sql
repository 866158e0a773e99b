-- edit: view_added, applied
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE t (a integer, b text);
CREATE VIEW v AS SELECT b FROM t;
CREATE MATERIALIZED VIEW m AS SELECT b FROM v;
CREATE UNIQUE INDEX m_b ON m (b);
CREATE MATERIALIZED VIEW failing AS SELECT 1 / (a - a) AS x FROM t WITH NO DATA;

-- edit: view_redefined, reported
CREATE TABLE t (a integer, b text);
CREATE VIEW v AS SELECT a FROM t;
-- rows:
INSERT INTO t VALUES (1, 'x');
-- becomes:
CREATE TABLE t (a integer, b text);
CREATE VIEW v AS SELECT b FROM t;

-- edit: view_of_star_after_column_added, reported
CREATE TABLE t (a integer, b text);
CREATE VIEW v AS SELECT * FROM t;
-- rows:
INSERT INTO t VALUES (1, 'x');
-- becomes:
CREATE TABLE t (a integer, c integer, b text);
CREATE VIEW v AS SELECT * FROM t;

-- edit: view_options_changed, reported
CREATE TABLE t (a integer);
CREATE VIEW v AS SELECT a FROM t;
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE t (a integer);
CREATE VIEW v WITH (security_barrier = true) AS SELECT a FROM t;

-- edit: view_becomes_table, reported
CREATE TABLE t (a integer);
CREATE VIEW v AS SELECT a FROM t;
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE t (a integer);
CREATE TABLE v (a integer);

-- edit: view_becomes_materialized, reported
CREATE TABLE t (a integer);
CREATE VIEW v AS SELECT a FROM t;
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE t (a integer);
CREATE MATERIALIZED VIEW v AS SELECT a FROM t;

-- edit: materialized_view_redefined, reported
CREATE TABLE t (a integer, b text);
CREATE MATERIALIZED VIEW m AS SELECT a FROM t;
CREATE INDEX m_a ON m (a);
-- rows:
INSERT INTO t VALUES (1, 'x');
-- becomes:
CREATE TABLE t (a integer, b text);
CREATE MATERIALIZED VIEW m AS SELECT a, b FROM t;
CREATE INDEX m_a ON m (a);

-- edit: function_added, applied
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE t (a integer);
SET check_function_bodies = off;
CREATE FUNCTION counted() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM function_added.later';
CREATE FUNCTION "odd; name"(begin date DEFAULT now()) RETURNS TABLE ("end" date) LANGUAGE sql BEGIN ATOMIC SELECT begin; END;
CREATE PROCEDURE act(integer) LANGUAGE plpgsql AS 'BEGIN NULL; END';
CREATE VIEW later AS SELECT a FROM t;

-- edit: function_redefined, reported
CREATE FUNCTION f(a integer) RETURNS integer LANGUAGE sql AS 'SELECT a';
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE FUNCTION f(b integer) RETURNS integer LANGUAGE sql AS 'SELECT b + 1';
CREATE TABLE t (a integer);

-- edit: function_return_type_changed, reported
CREATE FUNCTION f(a integer) RETURNS integer LANGUAGE sql AS 'SELECT a';
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE FUNCTION f(a integer) RETURNS text LANGUAGE sql AS 'SELECT a::text';
CREATE TABLE t (a integer);

-- edit: function_becomes_procedure, reported
CREATE FUNCTION f(a integer) RETURNS integer LANGUAGE sql AS 'SELECT a';
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE PROCEDURE f(a integer) LANGUAGE sql AS 'SELECT a';
CREATE TABLE t (a integer);

-- edit: function_dropped, reported
CREATE FUNCTION f(a integer) RETURNS integer LANGUAGE sql AS 'SELECT a';
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE t (a integer);

-- edit: function_of_table_added, applied
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE t (a integer);
CREATE FUNCTION f(t) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1.a';
ALTER TABLE t ADD CHECK (f(t.*) > 0);

-- edit: sequence_added, applied
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE SEQUENCE s AS smallint INCREMENT BY 3 START WITH 7 CYCLE;
CREATE TABLE t (a integer);

-- edit: sequence_changed, reported
CREATE SEQUENCE s;
CREATE TABLE t (a integer);
ALTER SEQUENCE s OWNED BY t.a;
-- rows:
INSERT INTO t VALUES (nextval('s'));
-- becomes:
CREATE SEQUENCE s INCREMENT BY 3;
CREATE TABLE t (a integer);

-- edit: comments_and_grants_changed, applied
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE t (a integer);
COMMENT ON TABLE t IS 'note';
GRANT SELECT ON t TO torture_reader;
ALTER TABLE t OWNER TO torture_owner;

-- edit: sequence_owner_removed, reported
CREATE SEQUENCE s;
CREATE TABLE t (a integer);
ALTER SEQUENCE s OWNED BY t.a;
-- rows:
INSERT INTO t VALUES (nextval('s'));
-- becomes:
CREATE SEQUENCE s;
CREATE TABLE t (a integer);
