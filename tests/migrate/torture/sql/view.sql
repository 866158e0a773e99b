-- from: 15
CREATE TABLE songs (id integer PRIMARY KEY, title text, year integer);
CREATE VIEW recent WITH (security_barrier = true) AS SELECT id, title FROM songs WHERE year > 2000;
CREATE VIEW checked AS SELECT * FROM songs WHERE year > 1 WITH CASCADED CHECK OPTION;
CREATE VIEW locally AS SELECT * FROM checked WHERE id > 1 WITH LOCAL CHECK OPTION;
CREATE VIEW grouped AS SELECT songs.id, title, count(*) FROM songs GROUP BY songs.id;
CREATE RECURSIVE VIEW counting (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM counting WHERE n < 3;
CREATE VIEW "Named" ("Eins", zwei) AS SELECT 1, 'x'::text;
CREATE VIEW of_star AS SELECT s.*, r.title AS other FROM songs AS s LEFT JOIN recent AS r USING (id);
CREATE FUNCTION of_view() RETURNS SETOF recent LANGUAGE sql AS 'SELECT * FROM recent';
CREATE VIEW over_function AS SELECT * FROM of_view();
CREATE VIEW circular AS SELECT 1 AS a;
CREATE FUNCTION from_circular() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM circular; END;
CREATE OR REPLACE VIEW circular AS SELECT 2 AS a;
CREATE VIEW invoking WITH (security_invoker = true) AS SELECT id FROM songs;
