CREATE TYPE pair AS (a integer, b numeric(4, 1), "C d" text[]);
CREATE TYPE nested AS (p pair, q pair[]);
CREATE TYPE empty AS ();
CREATE TYPE float_span AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi, MULTIRANGE_TYPE_NAME = float_spans);
CREATE FUNCTION difference(timestamptz, timestamptz) RETURNS float8 LANGUAGE sql IMMUTABLE
    AS 'SELECT extract(epoch FROM $1 - $2)';
CREATE TYPE time_span AS RANGE (SUBTYPE = timestamptz, SUBTYPE_DIFF = difference);
CREATE TABLE uses (a pair DEFAULT (1, 2.5, NULL)::pair, b nested, c float_span, d float_spans, e empty, f time_span);
CREATE FUNCTION sum_of(pair) RETURNS nested LANGUAGE sql AS 'SELECT ($1, NULL)::nested';
