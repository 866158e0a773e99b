CREATE OPERATOR FAMILY reversed_family USING btree;
CREATE FUNCTION reversed(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $2 - $1';
CREATE OPERATOR CLASS reversed_ops FOR TYPE integer USING btree FAMILY reversed_family AS
    OPERATOR 1 >, OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <,
    FUNCTION 1 reversed(integer, integer);
ALTER OPERATOR FAMILY reversed_family USING btree ADD
    OPERATOR 1 > (integer, bigint), FUNCTION 1 (integer, bigint) btint48cmp(integer, bigint);
CREATE OPERATOR CLASS stored_ops FOR TYPE point USING gist AS STORAGE box,
    OPERATOR 11 |>> (point, point), FUNCTION 1 gist_point_consistent(internal, point, smallint, oid, internal),
    FUNCTION 2 gist_box_union(internal, internal), FUNCTION 3 gist_point_compress(internal),
    FUNCTION 5 gist_box_penalty(internal, internal, internal), FUNCTION 6 gist_box_picksplit(internal, internal),
    FUNCTION 7 gist_box_same(box, box, internal);
CREATE TABLE numbers (a integer);
CREATE INDEX numbers_reversed ON numbers (a reversed_ops);
