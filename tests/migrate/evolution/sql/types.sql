-- edit: enum_values_added, applied
CREATE TYPE mood AS ENUM ('b', 'd');
CREATE TABLE t (m mood);
-- rows:
INSERT INTO t VALUES ('b'), ('d');
-- becomes:
CREATE TYPE mood AS ENUM ('a', 'b', 'c', 'it''s', 'd', 'e');
CREATE TABLE t (m mood, CHECK (m <> 'c'));
CREATE INDEX t_m ON t (m) WHERE m = 'e';

-- edit: enum_value_removed, reported
CREATE TYPE mood AS ENUM ('a', 'b');
CREATE TABLE t (m mood);
-- rows:
INSERT INTO t VALUES ('b');
-- becomes:
CREATE TYPE mood AS ENUM ('a');
CREATE TABLE t (m mood);

-- edit: enum_value_renamed, reported
CREATE TYPE mood AS ENUM ('a', 'b');
CREATE TABLE t (m mood);
-- rows:
INSERT INTO t VALUES ('b');
-- becomes:
CREATE TYPE mood AS ENUM ('a', 'B');
CREATE TABLE t (m mood);

-- edit: enum_values_reordered, reported
CREATE TYPE mood AS ENUM ('a', 'b');
CREATE TABLE t (m mood);
-- rows:
INSERT INTO t VALUES ('b');
-- becomes:
CREATE TYPE mood AS ENUM ('b', 'a');
CREATE TABLE t (m mood);

-- edit: enum_becomes_domain, reported
CREATE TYPE mood AS ENUM ('a', 'b');
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE DOMAIN mood AS text;
CREATE TABLE t (a integer);

-- edit: domain_changed, reported
CREATE DOMAIN small AS integer CHECK (VALUE < 10);
CREATE TABLE t (a small);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE DOMAIN small AS integer DEFAULT 3 CHECK (VALUE < 5);
CREATE TABLE t (a small);

-- edit: domain_not_valid_constraint_added, applied
CREATE DOMAIN small AS integer;
CREATE TABLE t (a small);
-- rows:
INSERT INTO t VALUES (100);
-- becomes:
CREATE DOMAIN small AS integer;
ALTER DOMAIN small ADD CONSTRAINT low CHECK (VALUE < 10) NOT VALID;
CREATE TABLE t (a small);

-- edit: composite_attribute_added, reported
CREATE TYPE pair AS (a integer);
CREATE TABLE t (p pair);
-- rows:
INSERT INTO t VALUES (ROW(1));
-- becomes:
CREATE TYPE pair AS (a integer, b text);
CREATE TABLE t (p pair);

-- edit: types_added, applied
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE DOMAIN small AS integer CHECK (VALUE < 10) NOT NULL DEFAULT 1;
CREATE TYPE pair AS (a small, b text);
CREATE TYPE span AS RANGE (SUBTYPE = float8);
CREATE TYPE empty AS ENUM ();
CREATE TABLE t (a integer, b small DEFAULT 2, c pair, d span, e empty);

-- edit: collation_added, applied
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE COLLATION own (PROVIDER = libc, LOCALE = 'C');
CREATE TABLE t (a integer, b text COLLATE own);

-- edit: operators_added, applied
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE FUNCTION flip(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT -$1';
CREATE OPERATOR @#@ (FUNCTION = flip, RIGHTARG = integer);
CREATE AGGREGATE largest(integer) (SFUNC = int4larger, STYPE = integer);
CREATE TABLE t (a integer, CHECK (OPERATOR(operators_added.@#@) a < 0));
CREATE VIEW v AS SELECT largest(a) AS most FROM t;

-- edit: text_search_added, applied
CREATE TABLE t (a text);
-- rows:
INSERT INTO t VALUES ('x');
-- becomes:
CREATE TEXT SEARCH CONFIGURATION search (COPY = english);
CREATE TABLE t (a text);
CREATE INDEX t_a ON t USING gin (to_tsvector('text_search_added.search', a));

-- edit: base_type_added, applied
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TYPE number_like;
CREATE FUNCTION number_like_in(cstring) RETURNS number_like LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION number_like_out(number_like) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE number_like (INPUT = number_like_in, OUTPUT = number_like_out, LIKE = integer);
CREATE TABLE t (a integer, b number_like DEFAULT '4');
