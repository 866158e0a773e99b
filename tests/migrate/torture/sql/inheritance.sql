CREATE TABLE animals (id integer, legs integer DEFAULT 4 NOT NULL, name text, CHECK (legs >= 0));
CREATE TABLE birds (legs integer DEFAULT 2, wings integer) INHERITS (animals);
CREATE TABLE fish (fins integer) INHERITS (animals);
ALTER TABLE fish ALTER legs DROP DEFAULT;
CREATE TABLE named (name text, title text);
CREATE TABLE swans (id integer) INHERITS (birds, named);
ALTER TABLE animals ADD COLUMN late text DEFAULT 'x';
ALTER TABLE birds ALTER late SET DEFAULT 'y';
