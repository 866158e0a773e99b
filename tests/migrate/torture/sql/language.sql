CREATE FUNCTION handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE FUNCTION inline_handler(internal) RETURNS void LANGUAGE c STRICT
    AS '$libdir/plpgsql', 'plpgsql_inline_handler';
CREATE FUNCTION validator(oid) RETURNS void LANGUAGE c STRICT AS '$libdir/plpgsql', 'plpgsql_validator';
CREATE TRUSTED LANGUAGE torture_language HANDLER handler INLINE inline_handler VALIDATOR validator;
CREATE FUNCTION spoken() RETURNS integer LANGUAGE torture_language AS 'BEGIN RETURN 1; END';
GRANT USAGE ON LANGUAGE torture_language TO torture_reader;
