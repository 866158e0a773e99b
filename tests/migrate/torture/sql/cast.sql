CREATE TYPE money_like AS (amount numeric, currency text);
CREATE FUNCTION to_money(numeric) RETURNS money_like
    LANGUAGE sql IMMUTABLE AS $$ SELECT ($1, 'EUR')::money_like $$;
CREATE CAST (numeric AS money_like) WITH FUNCTION to_money(numeric) AS ASSIGNMENT;
CREATE TYPE shade AS ENUM ('dark', 'light');
CREATE CAST (shade AS text) WITH INOUT AS IMPLICIT;
CREATE CAST (text AS shade) WITH INOUT;
CREATE DOMAIN stamp AS bigint;
CREATE CAST (timestamptz AS money_like) WITH INOUT;
CREATE VIEW shades AS SELECT lower('dark'::shade) AS loud;
