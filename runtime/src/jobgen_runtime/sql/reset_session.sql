-- What DISCARD ALL ends, except prepared statements: cursors, roles, settings, LISTEN, locks,
-- temporary tables and the values of sequences. RESET ROLE restores a role that the address or the
-- login sets.
CLOSE ALL;
SET SESSION AUTHORIZATION DEFAULT;
RESET ROLE;
RESET ALL;
UNLISTEN *;
SELECT pg_advisory_unlock_all();
DISCARD TEMP;
DISCARD SEQUENCES
