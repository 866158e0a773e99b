-- Try to become the only transaction that claims jobs of this kind. The lock is released with the
-- transaction, after its commit has become visible, so the next holder counts correctly.
SELECT pg_catalog.pg_try_advisory_xact_lock(
    pg_catalog.hashtext('jobgen_global_concurrency'), {regclass}::REGCLASS::OID::INT
)
