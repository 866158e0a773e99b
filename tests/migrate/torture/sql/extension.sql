CREATE EXTENSION IF NOT EXISTS citext;
CREATE EXTENSION hstore SCHEMA extension;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
CREATE TABLE people (mail citext UNIQUE, tags hstore DEFAULT '"a"=>"1"', name text);
CREATE INDEX people_name ON people USING gin (name public.gin_trgm_ops);
CREATE INDEX people_tags ON people USING gist (tags);
CREATE VIEW tagged AS SELECT tags -> 'a' AS a FROM people WHERE mail = 'A';
COMMENT ON EXTENSION citext IS 'another text';
