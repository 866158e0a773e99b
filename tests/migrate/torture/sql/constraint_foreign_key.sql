-- from: 15
CREATE TABLE bands (id integer PRIMARY KEY, a integer, b integer, UNIQUE (a, b));
CREATE TABLE songs (
    id integer PRIMARY KEY,
    band integer REFERENCES bands ON DELETE CASCADE ON UPDATE RESTRICT,
    other integer CONSTRAINT named REFERENCES bands (id) DEFERRABLE INITIALLY DEFERRED,
    a integer, b integer, parent integer REFERENCES songs,
    FOREIGN KEY (a, b) REFERENCES bands (a, b) MATCH FULL ON UPDATE SET DEFAULT,
    CONSTRAINT partly FOREIGN KEY (a, b) REFERENCES bands (b, a) ON DELETE SET NULL (b)
);
ALTER TABLE songs ADD CONSTRAINT unchecked FOREIGN KEY (id) REFERENCES bands NOT VALID;
CREATE TABLE one (id integer PRIMARY KEY, two integer);
CREATE TABLE two (id integer PRIMARY KEY, one integer REFERENCES one);
ALTER TABLE one ADD FOREIGN KEY (two) REFERENCES two DEFERRABLE;
