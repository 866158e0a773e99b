-- from: 18
CREATE TABLE names (
    a integer CONSTRAINT must NOT NULL,
    b integer NOT NULL,
    c integer CONSTRAINT alone NOT NULL NO INHERIT
);
ALTER TABLE names ADD COLUMN d integer;
ALTER TABLE names ADD CONSTRAINT later NOT NULL d NOT VALID;
CREATE TABLE child (b integer CONSTRAINT own NOT NULL) INHERITS (names);
