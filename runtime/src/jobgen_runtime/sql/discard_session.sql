-- Roles, settings, temporary tables, prepared statements, LISTEN, cursors and locks of the session.
DISCARD ALL
