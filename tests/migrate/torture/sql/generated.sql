CREATE TABLE sums (
    a integer, b integer,
    c integer GENERATED ALWAYS AS (a + b) STORED,
    d text GENERATED ALWAYS AS (repeat('x', 3)) STORED NOT NULL UNIQUE
);
CREATE TABLE child (e text) INHERITS (sums);
