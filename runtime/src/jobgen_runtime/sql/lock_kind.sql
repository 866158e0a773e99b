-- Whether this transaction is the only one that claims jobs of this kind now. The lock goes with the
-- transaction, so there is nothing to leak; it comes after its commit can be seen, so that who gets it
-- next counts right.
SELECT pg_catalog.pg_try_advisory_xact_lock(
    pg_catalog.hashtext('jobgen_global_concurrency'), {regclass}::REGCLASS::OID::INT
)
