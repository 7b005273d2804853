-- A person's key: made from the identity with a secret that is kept elsewhere. doc/pseudonym.md

CREATE FUNCTION hmac_sha256(data bytea, key bytea) RETURNS bytea
    AS 'MODULE_PATHNAME', 'nkpi_hmac_sha256' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION hmac_sha256(bytea, bytea) IS 'keyed hash: HMAC with SHA-256 (RFC 2104)';

-- Not STRICT: a secret that is NULL is a mistake.
CREATE FUNCTION pseudonym(identity text, secret text) RETURNS text
    AS 'MODULE_PATHNAME', 'nkpi_pseudonym' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION pseudonym(text, text) IS
    'a person''s key: HMAC-SHA-256 of the identity, 64 hexadecimal digits; NULL for nobody';
