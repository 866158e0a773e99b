CREATE TRANSFORM FOR integer LANGUAGE sql (
    FROM SQL WITH FUNCTION pg_catalog.prsd_lextype(internal),
    TO SQL WITH FUNCTION pg_catalog.int4recv(internal));
CREATE FUNCTION transformed(integer) RETURNS integer TRANSFORM FOR TYPE integer LANGUAGE sql AS 'SELECT $1';
