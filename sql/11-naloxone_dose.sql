-- naloxone_dose: doses of naloxone of one kind, their strength and route.

CREATE TYPE naloxone_dose;

CREATE FUNCTION naloxone_dose_in(cstring) RETURNS naloxone_dose
    AS 'MODULE_PATHNAME', 'nkpi_naloxone_dose_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION naloxone_dose_in(cstring) IS 'text input';
CREATE FUNCTION naloxone_dose_out(naloxone_dose) RETURNS cstring
    AS 'MODULE_PATHNAME', 'nkpi_naloxone_dose_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION naloxone_dose_out(naloxone_dose) IS 'text output';
CREATE FUNCTION naloxone_dose_recv(internal) RETURNS naloxone_dose
    AS 'MODULE_PATHNAME', 'nkpi_naloxone_dose_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION naloxone_dose_recv(internal) IS 'binary input';
CREATE FUNCTION naloxone_dose_send(naloxone_dose) RETURNS bytea
    AS 'MODULE_PATHNAME', 'nkpi_naloxone_dose_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION naloxone_dose_send(naloxone_dose) IS 'binary output';

CREATE TYPE naloxone_dose (
    INPUT = naloxone_dose_in, OUTPUT = naloxone_dose_out, RECEIVE = naloxone_dose_recv, SEND = naloxone_dose_send,
    INTERNALLENGTH = 8, ALIGNMENT = int4, STORAGE = plain
);
COMMENT ON TYPE naloxone_dose IS 'doses of naloxone of one kind, such as 2 x 1800 mcg intranasal';

CREATE FUNCTION naloxone_dose(number integer, micrograms integer DEFAULT NULL, route text DEFAULT NULL) RETURNS naloxone_dose
    AS 'MODULE_PATHNAME', 'nkpi_naloxone_dose_make' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION naloxone_dose(integer, integer, text) IS 'so many doses of a strength in micrograms by a route; strength and route NULL if unknown';
CREATE FUNCTION num_doses(naloxone_dose) RETURNS integer
    AS 'MODULE_PATHNAME', 'nkpi_naloxone_dose_num_doses' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION num_doses(naloxone_dose) IS 'how many doses';
CREATE FUNCTION strength_mcg(naloxone_dose) RETURNS integer
    AS 'MODULE_PATHNAME', 'nkpi_naloxone_dose_strength_mcg' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION strength_mcg(naloxone_dose) IS 'micrograms in one dose, NULL if unknown';
CREATE FUNCTION route(naloxone_dose) RETURNS text
    AS 'MODULE_PATHNAME', 'nkpi_naloxone_dose_route' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION route(naloxone_dose) IS 'route by which the doses were given, NULL if unknown';
CREATE FUNCTION total_mcg(naloxone_dose) RETURNS integer
    AS 'MODULE_PATHNAME', 'nkpi_naloxone_dose_total_mcg' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION total_mcg(naloxone_dose) IS 'micrograms in all the doses, NULL if unknown';

-- Over all the kinds given in one administration.
CREATE FUNCTION num_doses(naloxone_dose[]) RETURNS bigint
    AS 'MODULE_PATHNAME', 'nkpi_naloxone_dose_array_num_doses' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION num_doses(naloxone_dose[]) IS 'how many doses in all, NULL if none is recorded';
CREATE FUNCTION total_mcg(naloxone_dose[]) RETURNS bigint
    AS 'MODULE_PATHNAME', 'nkpi_naloxone_dose_array_total_mcg' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION total_mcg(naloxone_dose[]) IS 'micrograms in all, NULL if none is recorded or one is of unknown strength';

-- Comparison, by route, strength (unknown first) and number.
CREATE FUNCTION naloxone_dose_lt(naloxone_dose, naloxone_dose) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_naloxone_dose_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION naloxone_dose_lt(naloxone_dose, naloxone_dose) IS 'implementation of the operator <';
CREATE FUNCTION naloxone_dose_le(naloxone_dose, naloxone_dose) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_naloxone_dose_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION naloxone_dose_le(naloxone_dose, naloxone_dose) IS 'implementation of the operator <=';
CREATE FUNCTION naloxone_dose_eq(naloxone_dose, naloxone_dose) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_naloxone_dose_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION naloxone_dose_eq(naloxone_dose, naloxone_dose) IS 'implementation of the operator =';
CREATE FUNCTION naloxone_dose_ne(naloxone_dose, naloxone_dose) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_naloxone_dose_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION naloxone_dose_ne(naloxone_dose, naloxone_dose) IS 'implementation of the operator <>';
CREATE FUNCTION naloxone_dose_ge(naloxone_dose, naloxone_dose) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_naloxone_dose_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION naloxone_dose_ge(naloxone_dose, naloxone_dose) IS 'implementation of the operator >=';
CREATE FUNCTION naloxone_dose_gt(naloxone_dose, naloxone_dose) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_naloxone_dose_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION naloxone_dose_gt(naloxone_dose, naloxone_dose) IS 'implementation of the operator >';
CREATE FUNCTION naloxone_dose_cmp(naloxone_dose, naloxone_dose) RETURNS integer
    AS 'MODULE_PATHNAME', 'nkpi_naloxone_dose_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION naloxone_dose_cmp(naloxone_dose, naloxone_dose) IS 'less than, equal to, greater than, for btree indexes';
CREATE FUNCTION naloxone_dose_hash(naloxone_dose) RETURNS integer
    AS 'MODULE_PATHNAME', 'nkpi_naloxone_dose_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION naloxone_dose_hash(naloxone_dose) IS 'hash';
CREATE FUNCTION naloxone_dose_hash_extended(naloxone_dose, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'nkpi_naloxone_dose_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION naloxone_dose_hash_extended(naloxone_dose, bigint) IS '64-bit hash with a seed';

CREATE OPERATOR < (
    LEFTARG = naloxone_dose, RIGHTARG = naloxone_dose, FUNCTION = naloxone_dose_lt,
    COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (naloxone_dose, naloxone_dose) IS 'comes before';
CREATE OPERATOR <= (
    LEFTARG = naloxone_dose, RIGHTARG = naloxone_dose, FUNCTION = naloxone_dose_le,
    COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (naloxone_dose, naloxone_dose) IS 'comes before or equals';
CREATE OPERATOR = (
    LEFTARG = naloxone_dose, RIGHTARG = naloxone_dose, FUNCTION = naloxone_dose_eq,
    COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (naloxone_dose, naloxone_dose) IS 'equals';
CREATE OPERATOR <> (
    LEFTARG = naloxone_dose, RIGHTARG = naloxone_dose, FUNCTION = naloxone_dose_ne,
    COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (naloxone_dose, naloxone_dose) IS 'does not equal';
CREATE OPERATOR >= (
    LEFTARG = naloxone_dose, RIGHTARG = naloxone_dose, FUNCTION = naloxone_dose_ge,
    COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (naloxone_dose, naloxone_dose) IS 'comes after or equals';
CREATE OPERATOR > (
    LEFTARG = naloxone_dose, RIGHTARG = naloxone_dose, FUNCTION = naloxone_dose_gt,
    COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (naloxone_dose, naloxone_dose) IS 'comes after';

-- Equal values have equal bytes, so btree indexes may keep duplicates once (support function 4).
CREATE OPERATOR CLASS naloxone_dose_ops DEFAULT FOR TYPE naloxone_dose USING btree AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 1 naloxone_dose_cmp(naloxone_dose, naloxone_dose),
    FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS naloxone_dose_ops USING btree IS 'order by route, strength and number';
COMMENT ON OPERATOR FAMILY naloxone_dose_ops USING btree IS 'order by route, strength and number';

CREATE OPERATOR CLASS naloxone_dose_ops DEFAULT FOR TYPE naloxone_dose USING hash AS
    OPERATOR 1 =,
    FUNCTION 1 naloxone_dose_hash(naloxone_dose),
    FUNCTION 2 naloxone_dose_hash_extended(naloxone_dose, bigint);
COMMENT ON OPERATOR CLASS naloxone_dose_ops USING hash IS 'equality';
COMMENT ON OPERATOR FAMILY naloxone_dose_ops USING hash IS 'equality';
