-- How full the server's queue of notifications is, from 0 to 1. From 0.9 on, none is sent.
SELECT pg_catalog.pg_notification_queue_usage()
