CREATE FUNCTION add_lengths(integer, text) RETURNS integer
    LANGUAGE sql IMMUTABLE AS $$ SELECT $1 + coalesce(length($2), 0) $$;
CREATE AGGREGATE total_length(text) (SFUNC = add_lengths, STYPE = integer, INITCOND = '0');
CREATE AGGREGATE total_of_any(VARIADIC "any" ORDER BY VARIADIC "any") (SFUNC = ordered_set_transition_multi,
    STYPE = internal, FINALFUNC = rank_final, FINALFUNC_EXTRA, HYPOTHETICAL);
CREATE AGGREGATE parallel_total(integer) (SFUNC = int4_sum, STYPE = bigint,
    COMBINEFUNC = int8pl, PARALLEL = SAFE, SORTOP = <);
CREATE AGGREGATE moving(integer) (SFUNC = int4pl, STYPE = integer, MSFUNC = int4pl,
    MINVFUNC = int4mi, MSTYPE = integer, INITCOND = '0', MINITCOND = '0');
CREATE VIEW totals AS SELECT total_length(x) AS length FROM unnest(ARRAY['a', 'bc']) AS x;
