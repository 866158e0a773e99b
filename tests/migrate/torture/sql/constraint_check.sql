CREATE TABLE items (
    a integer CHECK (a > 0),
    b text CONSTRAINT short CHECK (length(b) < 9) NO INHERIT,
    c varchar(9) CHECK (c IN ('x', 'y') AND c <> ALL (ARRAY['z', 'q']::varchar[])),
    d numeric CHECK (d BETWEEN 1 AND 2 OR d IS NULL),
    e jsonb CHECK (jsonb_typeof(e -> 'k') = 'string' AND NOT e ? 'secret'),
    CONSTRAINT "Zwei; Spalten" CHECK (a < length(b)),
    CHECK ((a, d) IS DISTINCT FROM (1, 1.0)),
    CHECK (CASE WHEN a > 1 THEN b LIKE 'x%' ELSE b ~* '^y' END)
);
ALTER TABLE items ADD CONSTRAINT later CHECK (a <> 13) NOT VALID;
CREATE TABLE child (CHECK (a > 5)) INHERITS (items);
