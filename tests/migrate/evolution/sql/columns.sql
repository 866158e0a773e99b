-- edit: column_added, applied
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1), (2);
-- becomes:
CREATE TABLE t (a integer, b text, c integer[], d timestamptz);

-- edit: column_with_default_added, applied
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1), (2);
-- becomes:
CREATE TABLE t (a integer, b text DEFAULT 'it''s' NOT NULL, c timestamptz DEFAULT now() NOT NULL, d integer DEFAULT 1 + 2);

-- edit: column_with_constraints_added, applied
CREATE TABLE t (a integer PRIMARY KEY);
-- rows:
INSERT INTO t VALUES (1), (2);
-- becomes:
CREATE TABLE t (a integer PRIMARY KEY, b integer UNIQUE, c integer REFERENCES t, d integer DEFAULT 5 CHECK (d > 0));

-- edit: column_serial_added, applied
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1), (2);
-- becomes:
CREATE TABLE t (a integer, b serial, c bigserial);

-- edit: column_identity_added, applied
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1), (2);
-- becomes:
CREATE TABLE t (a integer, b bigint GENERATED ALWAYS AS IDENTITY (START WITH 1000 INCREMENT BY 5));

-- edit: column_generated_added, applied
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1), (2);
-- becomes:
CREATE TABLE t (a integer, b integer GENERATED ALWAYS AS (a * 2) STORED);

-- edit: column_of_new_enum_added, applied
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1), (2);
-- becomes:
CREATE TYPE mood AS ENUM ('a', 'b');
CREATE TABLE t (a integer, b mood DEFAULT 'b' NOT NULL, c mood[]);

-- edit: column_not_null_added, reported
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1), (2);
-- becomes:
CREATE TABLE t (a integer, b text NOT NULL);

-- edit: column_of_not_null_domain_added, reported
CREATE DOMAIN must AS text NOT NULL;
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1), (2);
-- becomes:
CREATE DOMAIN must AS text NOT NULL;
CREATE TABLE t (a integer, b must);

-- edit: column_not_null_added_to_empty_table, applied
CREATE TABLE t (a integer);
-- becomes:
CREATE TABLE t (a integer, b text NOT NULL);

-- edit: column_added_in_the_middle, applied
CREATE TABLE t (a integer, b text);
-- rows:
INSERT INTO t VALUES (1, 'x');
-- becomes:
CREATE TABLE t (a integer, middle integer, b text);

-- edit: column_dropped, reported
CREATE TABLE t (a integer, b text);
-- rows:
INSERT INTO t VALUES (1, 'x');
-- becomes:
CREATE TABLE t (a integer);

-- edit: column_renamed, reported
CREATE TABLE t (a integer, txt text NOT NULL);
-- rows:
INSERT INTO t VALUES (1, 'x');
-- becomes:
CREATE TABLE t (a integer, body text NOT NULL);

-- edit: column_retyped, reported
CREATE TABLE t (a integer, b varchar(5), c text DEFAULT 'a');
-- rows:
INSERT INTO t VALUES (1, 'x', 'a');
-- becomes:
CREATE TYPE mood AS ENUM ('a');
CREATE TABLE t (a bigint, b varchar(3), c mood DEFAULT 'a');

-- edit: column_reordered, applied
CREATE TABLE t (a integer, b text, c date);
-- rows:
INSERT INTO t VALUES (1, 'x', '2024-01-01');
-- becomes:
CREATE TABLE t (c date, a integer, b text);

-- edit: column_default_changed, reported
CREATE TABLE t (a integer DEFAULT 1, b integer, c integer DEFAULT 3);
-- rows:
INSERT INTO t VALUES (1, 2, 3);
-- becomes:
CREATE TABLE t (a integer DEFAULT 2, b integer DEFAULT 1, c integer);

-- edit: column_nullability_changed, reported
CREATE TABLE t (a integer NOT NULL, b integer);
-- rows:
INSERT INTO t VALUES (1, NULL);
-- becomes:
CREATE TABLE t (a integer, b integer NOT NULL);

-- edit: column_collation_changed, reported
CREATE TABLE t (a text);
-- rows:
INSERT INTO t VALUES ('x');
-- becomes:
CREATE TABLE t (a text COLLATE "C");

-- edit: column_storage_changed, reported
CREATE TABLE t (a text, b integer, c text);
-- rows:
INSERT INTO t VALUES ('x', 1, 'y');
-- becomes:
CREATE TABLE t (a text, b integer, c text COMPRESSION pglz);
ALTER TABLE t ALTER a SET STORAGE EXTERNAL, ALTER b SET STATISTICS 7;

-- edit: column_generated_becomes_plain, reported
CREATE TABLE t (a integer, b integer GENERATED ALWAYS AS (a * 2) STORED);
-- rows:
INSERT INTO t VALUES (1), (2);
-- becomes:
CREATE TABLE t (a integer, b integer);

-- edit: column_plain_becomes_generated, reported
CREATE TABLE t (a integer, b integer);
-- rows:
INSERT INTO t VALUES (1, 5);
-- becomes:
CREATE TABLE t (a integer, b integer GENERATED ALWAYS AS (a * 2) STORED);

-- edit: column_becomes_identity, reported
CREATE TABLE t (id integer NOT NULL, a text);
-- rows:
INSERT INTO t VALUES (1, 'x'), (2, 'y');
-- becomes:
CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY, a text);

-- edit: column_serial_becomes_identity, reported
CREATE TABLE t (id serial, a text);
-- rows:
INSERT INTO t (a) VALUES ('x'), ('y');
-- becomes:
CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY, a text);

-- edit: column_becomes_serial, reported
CREATE TABLE t (id integer NOT NULL, a text);
-- rows:
INSERT INTO t VALUES (1, 'x'), (2, 'y');
-- becomes:
CREATE TABLE t (id serial, a text);

-- edit: column_identity_options_changed, reported
CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY, a text);
-- rows:
INSERT INTO t (a) VALUES ('x'), ('y');
-- becomes:
CREATE TABLE t (id integer GENERATED BY DEFAULT AS IDENTITY (INCREMENT BY 10), a text);

-- edit: column_of_a_view_retyped, reported
CREATE TABLE t (a integer, b text);
CREATE VIEW v AS SELECT a, b FROM t;
-- rows:
INSERT INTO t VALUES (1, 'x');
-- becomes:
CREATE TABLE t (a bigint, b text);
CREATE VIEW v AS SELECT a, b FROM t;

-- edit: column_with_odd_name_added, applied
CREATE TABLE "T; x" ("a b" integer);
-- rows:
INSERT INTO "T; x" VALUES (1);
-- becomes:
CREATE TABLE "T; x" ("a b" integer, "select" text, "C, (d)" text DEFAULT 'a, b (' CHECK ("C, (d)" <> 'x, y)'), "日本" integer);
