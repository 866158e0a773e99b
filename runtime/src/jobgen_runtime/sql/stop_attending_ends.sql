-- Undo attend_ends, given what it has returned.
SELECT pg_catalog.pg_advisory_unlock_shared(
    pg_catalog.hashtext('jobgen_awaited'), %(table)s::TEXT::OID::INT
)
