-- from: 15
CREATE TABLE keys (
    a integer CONSTRAINT "Schlüssel" PRIMARY KEY WITH (fillfactor = 80),
    b integer UNIQUE NULLS NOT DISTINCT,
    c integer UNIQUE DEFERRABLE,
    d integer, e integer, f integer NOT NULL,
    UNIQUE (d, e) INCLUDE (f),
    CONSTRAINT deferred UNIQUE (e, d) DEFERRABLE INITIALLY DEFERRED
);
CREATE UNIQUE INDEX taken ON keys (f);
ALTER TABLE keys ADD CONSTRAINT from_index UNIQUE USING INDEX taken;
CREATE UNIQUE INDEX identity_of ON keys (f, e);
