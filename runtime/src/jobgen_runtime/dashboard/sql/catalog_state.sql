-- Return a number that changes when a candidate is created, dropped or renamed, when its columns change, and when the
-- role, its rights on the table or the search_path do: each such change makes another row in pg_class or pg_attribute.
-- An enum's values, a foreign key or an index may change without that.
SELECT coalesce(
    hashtextextended(
        string_agg(concat_ws(' ', c.oid, candidates.visible, c.xmin, columns.state, current_user), ',' ORDER BY c.oid),
        0
    ),
    0
)
FROM ({candidates}) AS candidates
JOIN pg_catalog.pg_class c ON c.oid = candidates.oid
CROSS JOIN LATERAL (
    SELECT string_agg(a.xmin::text, ' ' ORDER BY a.attnum) AS state
    FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0
) AS columns
