CREATE TYPE person AS (id integer, name text, born date);
CREATE TABLE people OF person (id WITH OPTIONS PRIMARY KEY, name DEFAULT 'x' NOT NULL, CHECK (born > '1900-01-01'));
CREATE TABLE typed (id integer, name text, born date);
ALTER TABLE typed OF person;
