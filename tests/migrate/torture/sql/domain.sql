CREATE DOMAIN positive AS integer DEFAULT 5 NOT NULL CHECK (VALUE > 0) CONSTRAINT low CHECK (VALUE < 100);
CREATE DOMAIN very_low AS positive CHECK (VALUE < 10);
CREATE DOMAIN listed AS varchar(5) CHECK (VALUE IN ('a', 'b'));
CREATE DOMAIN many AS text[] CHECK (array_length(VALUE, 1) < 3);
CREATE DOMAIN later AS integer;
ALTER DOMAIN later ADD CONSTRAINT unchecked CHECK (VALUE <> 3) NOT VALID;
CREATE TABLE uses (a positive, b very_low[], c listed DEFAULT 'a', d many);
CREATE FUNCTION plus(positive) RETURNS very_low LANGUAGE sql AS 'SELECT 1::very_low';
