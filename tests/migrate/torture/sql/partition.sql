CREATE TABLE moments (at timestamptz NOT NULL, zone text, tax numeric DEFAULT 0, note text) PARTITION BY RANGE (at);
CREATE TABLE moments_1 PARTITION OF moments (tax DEFAULT 0.2, CONSTRAINT positive CHECK (tax >= 0))
    FOR VALUES FROM ('2024-01-01') TO ('2024-07-01 12:00:00');
ALTER TABLE moments_1 ALTER note SET NOT NULL;
CREATE TABLE moments_2 PARTITION OF moments FOR VALUES FROM ('2024-07-01 12:00') TO (MAXVALUE)
    PARTITION BY LIST (zone);
CREATE TABLE moments_2_eu PARTITION OF moments_2 FOR VALUES IN ('eu', 'uk') WITH (fillfactor = 50);
CREATE UNLOGGED TABLE moments_2_other PARTITION OF moments_2 DEFAULT;
CREATE TABLE hashed (id integer, name text) PARTITION BY HASH (lower(name), id int4_ops);
CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE other_order (note text NOT NULL, tax numeric, zone text COLLATE "default", at timestamptz NOT NULL);
ALTER TABLE moments ATTACH PARTITION other_order FOR VALUES FROM (MINVALUE) TO ('2024-01-01');
CREATE TABLE collated (a text) PARTITION BY RANGE (a COLLATE "C");
CREATE INDEX moments_note ON moments (note) WHERE tax > 0;
