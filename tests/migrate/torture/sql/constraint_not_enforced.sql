-- from: 18
CREATE TABLE bands (id integer PRIMARY KEY);
CREATE TABLE songs (
    band integer REFERENCES bands NOT ENFORCED,
    a integer CONSTRAINT loose CHECK (a > 0) NOT ENFORCED
);
