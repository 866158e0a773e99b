CREATE SEQUENCE own;
CREATE TABLE values_of (
    a integer DEFAULT 1 + 2,
    b text DEFAULT 'it''s' || E'\t;' NOT NULL,
    c timestamptz DEFAULT now(),
    d timestamptz DEFAULT '2024-03-31 02:30:00+01',
    e interval DEFAULT '1 year 2 days -03:04:05.6',
    f bytea DEFAULT '\xdeadbeef',
    g jsonb DEFAULT '{"a": [1, 2.50, "ü"]}',
    h text[] DEFAULT '{"a b",NULL,"NULL"}',
    i double precision DEFAULT 'NaN',
    j numeric(6, 2) DEFAULT -1.5,
    k integer DEFAULT nextval('own'),
    l boolean DEFAULT (NOT 1 > 2),
    m date DEFAULT CURRENT_DATE,
    n text DEFAULT CURRENT_USER,
    o int4range DEFAULT '[1,9)',
    p bit(4) DEFAULT B'0101',
    q real DEFAULT 1e-7,
    r char(3) DEFAULT 'ab',
    s serial,
    t bigserial
);
ALTER TABLE values_of ADD COLUMN u uuid DEFAULT gen_random_uuid();
CREATE VIEW defaults_view AS SELECT a, b FROM values_of;
ALTER VIEW defaults_view ALTER COLUMN a SET DEFAULT 5;
