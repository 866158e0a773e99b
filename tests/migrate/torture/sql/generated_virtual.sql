-- from: 18
CREATE TABLE sums (a integer, b integer GENERATED ALWAYS AS (a + 1), c integer GENERATED ALWAYS AS (a * 2) VIRTUAL CHECK (c > 0));
CREATE TABLE stored (a integer, c integer GENERATED ALWAYS AS (a + 2) STORED);
CREATE TABLE child (c integer GENERATED ALWAYS AS (a * 2) STORED) INHERITS (stored);
