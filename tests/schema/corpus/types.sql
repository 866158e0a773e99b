-- case: enums
CREATE TYPE color AS ENUM ('red', 'deep blue', 'it''s', '', 'é');
ALTER TYPE color ADD VALUE 'green';
ALTER TYPE color ADD VALUE 'first' BEFORE 'red';
ALTER TYPE color ADD VALUE IF NOT EXISTS 'middle' AFTER 'red';
ALTER TYPE color ADD VALUE IF NOT EXISTS 'green';
ALTER TYPE color RENAME VALUE 'deep blue' TO 'blue';
CREATE TYPE nothing AS ENUM ();
CREATE TABLE t (color color DEFAULT 'red' NOT NULL, colors color[]);
-- case: domains
CREATE DOMAIN email AS text CHECK (value LIKE '%@%');
CREATE DOMAIN amount AS numeric(10,2) DEFAULT 0 NOT NULL;
CREATE DOMAIN tags AS varchar(10)[];
CREATE DOMAIN nested AS amount NOT NULL;
CREATE DOMAIN unset AS int DEFAULT NULL NULL;
CREATE TABLE t (a email, b amount, c tags, d nested, e email[], f unset, g amount DEFAULT NULL);
-- case: domains altered
CREATE DOMAIN a AS int;
CREATE DOMAIN b AS int NOT NULL DEFAULT 3;
ALTER DOMAIN a SET NOT NULL;
ALTER DOMAIN a SET DEFAULT 5;
ALTER DOMAIN b DROP NOT NULL;
ALTER DOMAIN b DROP DEFAULT;
ALTER DOMAIN b ADD CONSTRAINT positive CHECK (value > 0);
-- case: composites and ranges
CREATE TYPE address AS (street text, number varchar(10), tags text[]);
ALTER TYPE address ADD ATTRIBUTE city text, DROP ATTRIBUTE number, ALTER ATTRIBUTE street TYPE varchar(40);
CREATE TYPE floatrange AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TYPE empty AS ();
CREATE TABLE t (a address, b floatrange, c floatmultirange, d address[] NOT NULL);
-- case: a built-in name wins
CREATE TYPE public.date AS ENUM ('x');
CREATE TABLE t (a date, b public.date);
-- case: a domain over an enum
CREATE TYPE color AS ENUM ('red');
CREATE DOMAIN main_color AS color DEFAULT 'red';
CREATE TABLE t (a main_color NOT NULL, b main_color[]);
