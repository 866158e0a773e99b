CREATE FUNCTION plain(a integer, b text DEFAULT 'x', OUT c integer) LANGUAGE sql
    IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5 AS 'SELECT a';
CREATE FUNCTION plain(a text) RETURNS SETOF text LANGUAGE sql ROWS 7 AS 'SELECT a';
CREATE FUNCTION configured() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = 'function', pg_temp SET work_mem = '1MB' SET "DateStyle" FROM CURRENT
    AS $body$ BEGIN /* ; ' */ RETURN 1; END $body$;
CREATE FUNCTION rows_of() RETURNS TABLE (begin date, "end" date) LANGUAGE sql
    AS 'SELECT current_date, current_date';
CREATE FUNCTION of_all(VARIADIC rest integer[]) RETURNS bigint LANGUAGE sql
    RETURN (SELECT sum(x) FROM unnest(rest) AS x);
CREATE FUNCTION "Groß; klein"(begin date) RETURNS integer LANGUAGE sql
    BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END;
CREATE FUNCTION wide(anyelement, INOUT b anyarray) LANGUAGE sql AS 'SELECT b';
CREATE FUNCTION row_number_of() RETURNS bigint LANGUAGE internal WINDOW AS 'window_row_number';
CREATE FUNCTION hello() RETURNS text LANGUAGE sql AS $a$ SELECT $b$ nested; $b$ $a$;
CREATE FUNCTION mentions_later() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM made_later); END';
CREATE TABLE made_later (a integer DEFAULT of_all(1, 2), b text GENERATED ALWAYS AS ('x' || 'y') STORED);
CREATE FUNCTION of_row(made_later) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1.a';
ALTER TABLE made_later ADD CHECK (of_row(made_later.*) > 0);
CREATE INDEX by_row ON made_later (of_row(made_later));
