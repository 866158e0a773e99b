-- Return the values that their types do not accept, and why.
SELECT given.name, info.message, info.detail
FROM unnest(%(names)s::text[], %(values)s::text[], %(types)s::text[]) AS given (name, value, type)
CROSS JOIN LATERAL pg_catalog.pg_input_error_info(given.value, given.type) info
WHERE info.message IS NOT NULL
