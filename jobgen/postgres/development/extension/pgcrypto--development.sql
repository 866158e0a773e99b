\echo Use 'CREATE EXTENSION pgcrypto' to load this file. \quit

-- SHA-1 is computed as in RFC 3174, 6.1. PostgreSQL has the other hashes.
CREATE FUNCTION digest(bytea, text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $function$
DECLARE
    message ALIAS FOR $1;
    type ALIAS FOR $2;
    padded bytea;
    h bigint[] := '{1732584193, 4023233417, 2562383102, 271733878, 3285377520}';
    w bigint[];
    a bigint;
    b bigint;
    c bigint;
    d bigint;
    e bigint;
    f bigint;
    hash bytea := '';
BEGIN
    CASE lower(type)
        WHEN 'md5' THEN RETURN decode(md5(message), 'hex');
        WHEN 'sha224' THEN RETURN sha224(message);
        WHEN 'sha256' THEN RETURN sha256(message);
        WHEN 'sha384' THEN RETURN sha384(message);
        WHEN 'sha512' THEN RETURN sha512(message);
        WHEN 'sha1' THEN NULL;
        ELSE
            RAISE invalid_parameter_value USING
                MESSAGE = format('Cannot use "%s": No such hash algorithm', type),
                HINT = 'jobgen''s development version of pgcrypto has md5, sha1, sha224, sha256,'
                    ' sha384 and sha512. For others, set [tool.jobgen.postgres] bin to the folder of'
                    ' an installed PostgreSQL''s programs, such as /usr/lib/postgresql/18/bin, or set'
                    ' DATABASE_URL.';
    END CASE;
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
    FOR i IN 1 .. 5 LOOP
        hash := hash || substring(int8send(h[i]) FROM 5);
    END LOOP;
    RETURN hash;
END
$function$;

CREATE FUNCTION digest(text, text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN digest(convert_to($1, getdatabaseencoding()), $2);

-- RFC 2104: hash(key xor 5c… || hash(key xor 36… || data)), with the key of a block's length.
CREATE FUNCTION hmac(bytea, bytea, text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT digest(outer_key || digest(inner_key || $1, $3), $3)
    FROM (
        SELECT
            string_agg(set_byte('\x00', 0, byte # 92), '' ORDER BY place) AS outer_key,
            string_agg(set_byte('\x00', 0, byte # 54), '' ORDER BY place) AS inner_key
        FROM (SELECT CASE WHEN lower($3) IN ('sha384', 'sha512') THEN 128 ELSE 64 END AS size) AS block
        CROSS JOIN LATERAL (
            SELECT CASE WHEN length($2) > size THEN digest($2, $3) ELSE $2 END AS key
        ) AS shortened
        CROSS JOIN LATERAL generate_series(0, size - 1) AS place
        CROSS JOIN LATERAL (
            SELECT CASE WHEN place < length(key) THEN get_byte(key, place) ELSE 0 END AS byte
        ) AS padded
    ) AS keys;
END;

CREATE FUNCTION hmac(text, text, text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN hmac(
    convert_to($1, getdatabaseencoding()), convert_to($2, getdatabaseencoding()), $3
);

CREATE FUNCTION gen_random_uuid() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN pg_catalog.gen_random_uuid();

-- All bytes of a random UUID are random, except those with the version (7th) and variant (9th).
CREATE FUNCTION gen_random_bytes(integer) RETURNS bytea
LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE
AS $function$
DECLARE
    bytes bytea := '';
    uuid bytea;
BEGIN
    IF $1 < 1 OR $1 > 1024 THEN
        RAISE external_routine_invocation_exception USING MESSAGE = 'Length not in range';
    END IF;
    WHILE length(bytes) < $1 LOOP
        uuid := uuid_send(pg_catalog.gen_random_uuid());
        bytes := bytes || substring(uuid FOR 6) || substring(uuid FROM 8 FOR 1)
            || substring(uuid FROM 10);
    END LOOP;
    RETURN substring(bytes FOR $1);
END
$function$;

CREATE FUNCTION fips_mode() RETURNS boolean
LANGUAGE sql VOLATILE STRICT PARALLEL SAFE
RETURN false;

-- What core functions cannot compute exists, so that schemas load, and fails when it is called.
DO $block$
DECLARE
    signature text;
BEGIN
    FOREACH signature IN ARRAY ARRAY[
        'crypt(text, text) RETURNS text IMMUTABLE',
        'gen_salt(text) RETURNS text VOLATILE',
        'gen_salt(text, integer) RETURNS text VOLATILE',
        'encrypt(bytea, bytea, text) RETURNS bytea IMMUTABLE',
        'decrypt(bytea, bytea, text) RETURNS bytea IMMUTABLE',
        'encrypt_iv(bytea, bytea, bytea, text) RETURNS bytea IMMUTABLE',
        'decrypt_iv(bytea, bytea, bytea, text) RETURNS bytea IMMUTABLE',
        'pgp_sym_encrypt(text, text) RETURNS bytea VOLATILE',
        'pgp_sym_encrypt(text, text, text) RETURNS bytea VOLATILE',
        'pgp_sym_encrypt_bytea(bytea, text) RETURNS bytea VOLATILE',
        'pgp_sym_encrypt_bytea(bytea, text, text) RETURNS bytea VOLATILE',
        'pgp_sym_decrypt(bytea, text) RETURNS text IMMUTABLE',
        'pgp_sym_decrypt(bytea, text, text) RETURNS text IMMUTABLE',
        'pgp_sym_decrypt_bytea(bytea, text) RETURNS bytea IMMUTABLE',
        'pgp_sym_decrypt_bytea(bytea, text, text) RETURNS bytea IMMUTABLE',
        'pgp_pub_encrypt(text, bytea) RETURNS bytea VOLATILE',
        'pgp_pub_encrypt(text, bytea, text) RETURNS bytea VOLATILE',
        'pgp_pub_encrypt_bytea(bytea, bytea) RETURNS bytea VOLATILE',
        'pgp_pub_encrypt_bytea(bytea, bytea, text) RETURNS bytea VOLATILE',
        'pgp_pub_decrypt(bytea, bytea) RETURNS text IMMUTABLE',
        'pgp_pub_decrypt(bytea, bytea, text) RETURNS text IMMUTABLE',
        'pgp_pub_decrypt(bytea, bytea, text, text) RETURNS text IMMUTABLE',
        'pgp_pub_decrypt_bytea(bytea, bytea) RETURNS bytea IMMUTABLE',
        'pgp_pub_decrypt_bytea(bytea, bytea, text) RETURNS bytea IMMUTABLE',
        'pgp_pub_decrypt_bytea(bytea, bytea, text, text) RETURNS bytea IMMUTABLE',
        'pgp_key_id(bytea) RETURNS text IMMUTABLE',
        'armor(bytea) RETURNS text IMMUTABLE',
        'armor(bytea, text[], text[]) RETURNS text IMMUTABLE',
        'dearmor(text) RETURNS bytea IMMUTABLE',
        'pgp_armor_headers(text, key OUT text, value OUT text) RETURNS SETOF record IMMUTABLE'
    ] LOOP
        EXECUTE format(
            'CREATE FUNCTION %s STRICT PARALLEL SAFE LANGUAGE plpgsql AS %L',
            signature,
            format(
                'BEGIN RAISE feature_not_supported USING MESSAGE = %L, HINT = %L; END',
                split_part(signature, '(', 1)
                    || ' is not available in jobgen''s development version of pgcrypto.',
                'Set [tool.jobgen.postgres] bin to the folder of an installed PostgreSQL''s'
                    ' programs, such as /usr/lib/postgresql/18/bin, or set DATABASE_URL.'
            )
        );
    END LOOP;
END
$block$;
