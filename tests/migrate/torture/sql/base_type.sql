CREATE TYPE shell_only;
CREATE TYPE number_like;
CREATE FUNCTION number_like_in(cstring) RETURNS number_like
    LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION number_like_out(number_like) RETURNS cstring
    LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE number_like (INPUT = number_like_in, OUTPUT = number_like_out, INTERNALLENGTH = 4,
    PASSEDBYVALUE, ALIGNMENT = int4, STORAGE = plain, CATEGORY = 'N', DEFAULT = '7', DELIMITER = ';');
CREATE TABLE numbers (a number_like DEFAULT '1', b number_like[]);
