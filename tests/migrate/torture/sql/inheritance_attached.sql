-- from: 18
-- Older versions do not record whether NOT NULL is the child's own.
CREATE TABLE animals (id integer, legs integer DEFAULT 4 NOT NULL, name text, CHECK (legs >= 0));
CREATE TABLE snakes (id integer, legs integer NOT NULL, name text NOT NULL, CONSTRAINT animals_legs_check CHECK (legs >= 0));
ALTER TABLE snakes INHERIT animals;
