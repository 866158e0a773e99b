CREATE TABLE animals (id integer, legs integer DEFAULT 4 NOT NULL, name text, CHECK (legs >= 0));
CREATE TABLE snakes (id integer, legs integer NOT NULL, name text NOT NULL, CONSTRAINT animals_legs_check CHECK (legs >= 0));
ALTER TABLE snakes INHERIT animals;
CREATE TABLE lizards (legs integer DEFAULT 6 NOT NULL, length integer) INHERITS (animals);
CREATE TABLE geckos (legs integer CONSTRAINT legged NOT NULL) INHERITS (lizards);
CREATE TABLE newts () INHERITS (animals);
ALTER TABLE newts ALTER id SET NOT NULL, ALTER legs SET NOT NULL;
ALTER TABLE animals ALTER id SET NOT NULL;
