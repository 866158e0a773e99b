CREATE TABLE bookings (
    room integer,
    during tstzrange,
    cancelled boolean DEFAULT false,
    CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&) WHERE (NOT cancelled),
    EXCLUDE USING hash (room WITH =),
    EXCLUDE USING btree (room WITH =, lower(during) WITH =) INCLUDE (cancelled)
        WITH (fillfactor = 70) DEFERRABLE INITIALLY DEFERRED
);
