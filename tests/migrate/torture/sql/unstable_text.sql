-- Texts that PostgreSQL prints differently after they were reloaded.
CREATE TABLE t (s varchar(9), n numeric, f real, CHECK (s IN ('a', 'b')), CHECK (s NOT IN ('c', 'd')), CHECK (s ~ ANY (ARRAY['e'])));
CREATE INDEX t_s ON t (s) WHERE s IN ('a', 'b');
CREATE VIEW v AS SELECT s, s = ANY (ARRAY['a', 'b']::varchar[]) AS known FROM t WHERE s IN ('x', 'y');
CREATE FUNCTION atomic() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM t WHERE s IN ('a', 'b'); END;
CREATE VIEW joined AS SELECT * FROM t JOIN (SELECT s, n AS m FROM t) AS u USING (s);
CREATE VIEW recursive_one AS WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT n FROM r;
CREATE VIEW aggregated AS SELECT s, count(*) FILTER (WHERE n > 1) AS c, array_agg(n) OVER (PARTITION BY s ORDER BY f DESC) AS l FROM t GROUP BY s, n, f;
CREATE VIEW intervals AS SELECT now() - INTERVAL '1' MONTH AS a, EXTRACT(year FROM now()) AS y, now() AT TIME ZONE 'UTC' AS u;
