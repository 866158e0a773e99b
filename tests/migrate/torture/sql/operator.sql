CREATE FUNCTION near(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT abs($1 - $2) < 2';
CREATE OPERATOR ~~~ (FUNCTION = near, LEFTARG = integer, RIGHTARG = integer, COMMUTATOR = ~~~,
    NEGATOR = !~~~, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE FUNCTION far(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT abs($1 - $2) >= 2';
CREATE OPERATOR !~~~ (FUNCTION = far, LEFTARG = integer, RIGHTARG = integer, NEGATOR = ~~~);
CREATE FUNCTION flip(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT -$1';
CREATE OPERATOR @@@ (FUNCTION = flip, RIGHTARG = integer);
CREATE TABLE pairs (a integer, b integer, CHECK (a OPERATOR(operator.~~~) b), c integer DEFAULT @@@ 5);
CREATE VIEW close AS SELECT a FROM pairs WHERE a ~~~ 3;
