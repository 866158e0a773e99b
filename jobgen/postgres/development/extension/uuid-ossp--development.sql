\echo Use 'CREATE EXTENSION "uuid-ossp"' to load this file. \quit

CREATE FUNCTION uuid_nil() RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN '00000000-0000-0000-0000-000000000000'::uuid;

CREATE FUNCTION uuid_ns_dns() RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid;

CREATE FUNCTION uuid_ns_url() RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN '6ba7b811-9dad-11d1-80b4-00c04fd430c8'::uuid;

CREATE FUNCTION uuid_ns_oid() RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN '6ba7b812-9dad-11d1-80b4-00c04fd430c8'::uuid;

CREATE FUNCTION uuid_ns_x500() RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN '6ba7b814-9dad-11d1-80b4-00c04fd430c8'::uuid;

CREATE FUNCTION uuid_generate_v4() RETURNS uuid
LANGUAGE sql VOLATILE STRICT PARALLEL SAFE
RETURN gen_random_uuid();

-- RFC 9562, 5.1: the time in units of 100 ns since 1582-10-15, with the version before it; then the
-- variant, the clock sequence and the node. A random node has the multicast bit set (6.10).
CREATE FUNCTION uuid_generate_v1mc() RETURNS uuid
LANGUAGE sql VOLATILE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT encode(
        substring(ticks FROM 5 FOR 4) || substring(ticks FROM 3 FOR 2)
        || substring(ticks FROM 1 FOR 2) || substring(set_bit(random, 80, 1) FROM 9),
        'hex'
    )::uuid
    FROM (
        SELECT
            int8send(
                (extract(epoch FROM clock_timestamp()) * 10000000)::bigint
                + 122192928000000000 | (1::bigint << 60)
            ) AS ticks,
            uuid_send(gen_random_uuid()) AS random
    ) AS parts;
END;

-- The real function has the machine's network address in it, which SQL cannot read.
CREATE FUNCTION uuid_generate_v1() RETURNS uuid
LANGUAGE sql VOLATILE STRICT PARALLEL SAFE
RETURN uuid_generate_v1mc();

-- RFC 9562, 5.3: the first 16 bytes of a hash, in which the version and the variant are replaced.
CREATE FUNCTION uuid_generate_v3(namespace uuid, name text) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT encode(
        set_byte(
            set_byte(hash, 6, (get_byte(hash, 6) & 15) | 48), 8, (get_byte(hash, 8) & 63) | 128
        ),
        'hex'
    )::uuid
    FROM (
        SELECT decode(
            md5(uuid_send(namespace) || convert_to(name, getdatabaseencoding())), 'hex'
        ) AS hash
    ) AS hashed;
END;

-- RFC 9562, 5.5: the same with SHA-1, which is computed as in RFC 3174, 6.1.
CREATE FUNCTION uuid_generate_v5(namespace uuid, name text) RETURNS uuid
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $function$
DECLARE
    message bytea := uuid_send(namespace) || convert_to(name, getdatabaseencoding());
    padded bytea;
    h bigint[] := '{1732584193, 4023233417, 2562383102, 271733878, 3285377520}';
    w bigint[];
    a bigint;
    b bigint;
    c bigint;
    d bigint;
    e bigint;
    f bigint;
    hash bytea;
BEGIN
    padded := message || '\x80'::bytea
        || decode(repeat('00', (119 - length(message) % 64) % 64), 'hex')
        || int8send(length(message)::bigint * 8);
    FOR place IN 1 .. length(padded) BY 64 LOOP
        FOR t IN 0 .. 15 LOOP
            w[t] := ('x' || encode(substring(padded FROM place + 4 * t FOR 4), 'hex'))::bit(32)::bigint;
        END LOOP;
        FOR t IN 16 .. 79 LOOP
            f := w[t - 3] # w[t - 8] # w[t - 14] # w[t - 16];
            w[t] := ((f << 1) | (f >> 31)) & 4294967295;
        END LOOP;
        a := h[1];
        b := h[2];
        c := h[3];
        d := h[4];
        e := h[5];
        FOR t IN 0 .. 79 LOOP
            f := (((a << 5) | (a >> 27)) & 4294967295) + e + w[t] + CASE
                WHEN t < 20 THEN ((b & c) | ((b # 4294967295) & d)) + 1518500249
                WHEN t < 40 THEN (b # c # d) + 1859775393
                WHEN t < 60 THEN ((b & c) | (b & d) | (c & d)) + 2400959708
                ELSE (b # c # d) + 3395469782
            END;
            e := d;
            d := c;
            c := ((b << 30) | (b >> 2)) & 4294967295;
            b := a;
            a := f & 4294967295;
        END LOOP;
        h := ARRAY[h[1] + a, h[2] + b, h[3] + c, h[4] + d, h[5] + e];
        FOR i IN 1 .. 5 LOOP
            h[i] := h[i] & 4294967295;
        END LOOP;
    END LOOP;
    FOR i IN 1 .. 4 LOOP
        hash := coalesce(hash, '') || substring(int8send(h[i]) FROM 5);
    END LOOP;
    hash := set_byte(hash, 6, (get_byte(hash, 6) & 15) | 80);
    RETURN encode(set_byte(hash, 8, (get_byte(hash, 8) & 63) | 128), 'hex')::uuid;
END
$function$;
