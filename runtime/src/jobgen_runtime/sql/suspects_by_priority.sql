-- suspects for a kind with priorities: claims leave suspects alone, so each becomes one of the first in
-- the order of claim_by_priority, not one of the first in time.
SELECT {table_name} AS table_name, deaths, COUNT(*) AS jobs
FROM (
    SELECT locked_by, COALESCE(ARRAY_POSITION(%(errors)s::TEXT[], last_error), 1) AS deaths
    FROM (
        {first_due_by_priority}
    ) AS due
) AS first
WHERE locked_by IS NOT NULL
GROUP BY deaths
