-- Return, for each listed right on a table, whether row security may hide rows from this role: no row
-- if the role sees all of them. A policy `true` admits every row; a restrictive one may exclude some.
-- `admits_some`: a policy admits rows at all. `follows_state`: a policy reads a column that workers
-- change, so a row may vanish while its job runs. `is_restricted`: a further policy would not help.
SELECT name AS table, wanted AS right, admits_some, follows_state, is_restricted
FROM UNNEST(%(names)s::TEXT[], %(rights)s::TEXT[]) WITH ORDINALITY AS needed (name, wanted, position)
CROSS JOIN LATERAL (SELECT pg_catalog.to_regclass(name)::OID AS found) AS class
CROSS JOIN LATERAL (
    SELECT
        COALESCE(BOOL_OR(polpermissive), FALSE) AS admits_some,
        COALESCE(BOOL_OR(polpermissive AND admits_all), FALSE) AS admits_all,
        COALESCE(BOOL_OR(NOT polpermissive AND NOT admits_all), FALSE) AS is_restricted,
        COALESCE(BOOL_OR(reads_state AND NOT admits_all), FALSE) AS follows_state
    FROM pg_catalog.pg_policy AS policy
    CROSS JOIN LATERAL (
        SELECT
            (wanted = 'INSERT' OR pg_catalog.pg_get_expr(polqual, polrelid) = 'true')
            AND (
                wanted NOT IN ('INSERT', 'UPDATE')
                OR pg_catalog.pg_get_expr(COALESCE(polwithcheck, polqual), polrelid) = 'true'
            ) AS admits_all,
            EXISTS (
                SELECT FROM pg_catalog.pg_depend
                JOIN pg_catalog.pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
                WHERE classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND objid = policy.oid
                    AND refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND refobjid = polrelid
                    AND attname = ANY (%(changed)s::TEXT[])
            ) AS reads_state
    ) AS expressions
    WHERE polrelid = found
        AND polcmd IN (
            '*', CASE wanted WHEN 'SELECT' THEN 'r' WHEN 'INSERT' THEN 'a' WHEN 'UPDATE' THEN 'w' ELSE 'd' END
        )
        AND EXISTS (
            SELECT FROM UNNEST(polroles) AS role
            WHERE role = 0 OR pg_catalog.pg_has_role(role, 'USAGE')
        )
) AS policies
WHERE found IS NOT NULL
    AND pg_catalog.row_security_active(found)
    AND NOT (admits_all AND NOT is_restricted)
ORDER BY position
