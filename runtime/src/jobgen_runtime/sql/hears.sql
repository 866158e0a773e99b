-- The channels that this session listens to. None on a server that has become a standby: the notifications
-- are on another.
SELECT pg_catalog.pg_listening_channels()
WHERE pg_catalog.current_setting('transaction_read_only') = 'off'
