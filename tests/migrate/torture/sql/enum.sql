CREATE TYPE mood AS ENUM ('glad', 'sad', '', 'it''s', 'a b', 'grün');
ALTER TYPE mood ADD VALUE 'first' BEFORE 'glad';
ALTER TYPE mood ADD VALUE 'middle' AFTER 'sad';
ALTER TYPE mood RENAME VALUE 'a b' TO 'a_b';
CREATE TYPE "Odd Name" AS ENUM ('x');
CREATE TYPE nothing AS ENUM ();
CREATE TABLE people (a mood DEFAULT 'sad', b "Odd Name"[], c nothing, CHECK (a <> 'it''s'));
CREATE INDEX glad ON people (a) WHERE a = 'glad';
