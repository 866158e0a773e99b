-- Return the channels that this session listens to. A server that has become a standby returns none:
-- notifications are sent on the new primary.
SELECT pg_catalog.pg_listening_channels()
WHERE pg_catalog.current_setting('transaction_read_only') = 'off'
