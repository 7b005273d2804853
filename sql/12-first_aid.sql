-- first_aid: eight techniques, each done, not done or not recorded.

CREATE TYPE first_aid;

CREATE FUNCTION first_aid_in(cstring) RETURNS first_aid
    AS 'MODULE_PATHNAME', 'nkpi_first_aid_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_aid_in(cstring) IS 'text input';
CREATE FUNCTION first_aid_out(first_aid) RETURNS cstring
    AS 'MODULE_PATHNAME', 'nkpi_first_aid_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_aid_out(first_aid) IS 'text output';
CREATE FUNCTION first_aid_recv(internal) RETURNS first_aid
    AS 'MODULE_PATHNAME', 'nkpi_first_aid_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_aid_recv(internal) IS 'binary input';
CREATE FUNCTION first_aid_send(first_aid) RETURNS bytea
    AS 'MODULE_PATHNAME', 'nkpi_first_aid_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_aid_send(first_aid) IS 'binary output';

CREATE TYPE first_aid (
    INPUT = first_aid_in, OUTPUT = first_aid_out, RECEIVE = first_aid_recv, SEND = first_aid_send,
    LIKE = smallint
);
COMMENT ON TYPE first_aid IS 'first aid given: eight techniques, each yes, no or not recorded, such as {recovery_position: yes, rescue_breaths: no}';

CREATE FUNCTION first_aid(
    woken_verbally     boolean DEFAULT NULL,
    head_tilted        boolean DEFAULT NULL,
    breathing_checked  boolean DEFAULT NULL,
    recovery_position  boolean DEFAULT NULL,
    chest_compressions boolean DEFAULT NULL,
    rescue_breaths     boolean DEFAULT NULL,
    airway_cleared     boolean DEFAULT NULL,
    pulse_checked      boolean DEFAULT NULL
) RETURNS first_aid
    AS 'MODULE_PATHNAME', 'nkpi_first_aid_make' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION first_aid(boolean, boolean, boolean, boolean, boolean, boolean, boolean, boolean) IS 'first aid from eight booleans, NULL for a technique that was not recorded';
CREATE FUNCTION technique_done(first_aid, technique text) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_first_aid_technique_done' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION technique_done(first_aid, text) IS 'whether a technique was done, NULL if not recorded';
CREATE FUNCTION any_technique_done(first_aid) RETURNS boolean
    AS 'MODULE_PATHNAME', 'nkpi_first_aid_any_technique_done' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION any_technique_done(first_aid) IS 'true if any technique was done, false if all eight are recorded as not done, else NULL';
CREATE FUNCTION first_aid_techniques() RETURNS text[]
    AS 'MODULE_PATHNAME', 'nkpi_first_aid_techniques' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_aid_techniques() IS 'the names of the techniques, in order';

-- Comparison, an order for sorting and indexes that means nothing; the value is a smallint, so these are the server's functions for smallint.
CREATE FUNCTION first_aid_lt(first_aid, first_aid) RETURNS boolean
    AS 'int2lt' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_aid_lt(first_aid, first_aid) IS 'implementation of the operator <';
CREATE FUNCTION first_aid_le(first_aid, first_aid) RETURNS boolean
    AS 'int2le' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_aid_le(first_aid, first_aid) IS 'implementation of the operator <=';
CREATE FUNCTION first_aid_eq(first_aid, first_aid) RETURNS boolean
    AS 'int2eq' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_aid_eq(first_aid, first_aid) IS 'implementation of the operator =';
CREATE FUNCTION first_aid_ne(first_aid, first_aid) RETURNS boolean
    AS 'int2ne' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_aid_ne(first_aid, first_aid) IS 'implementation of the operator <>';
CREATE FUNCTION first_aid_ge(first_aid, first_aid) RETURNS boolean
    AS 'int2ge' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_aid_ge(first_aid, first_aid) IS 'implementation of the operator >=';
CREATE FUNCTION first_aid_gt(first_aid, first_aid) RETURNS boolean
    AS 'int2gt' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_aid_gt(first_aid, first_aid) IS 'implementation of the operator >';
CREATE FUNCTION first_aid_cmp(first_aid, first_aid) RETURNS integer
    AS 'btint2cmp' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_aid_cmp(first_aid, first_aid) IS 'less than, equal to, greater than, for btree indexes';
CREATE FUNCTION first_aid_sortsupport(internal) RETURNS void
    AS 'btint2sortsupport' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_aid_sortsupport(internal) IS 'sort support';
CREATE FUNCTION first_aid_hash(first_aid) RETURNS integer
    AS 'hashint2' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_aid_hash(first_aid) IS 'hash';
CREATE FUNCTION first_aid_hash_extended(first_aid, bigint) RETURNS bigint
    AS 'hashint2extended' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_aid_hash_extended(first_aid, bigint) IS '64-bit hash with a seed';

CREATE OPERATOR < (
    LEFTARG = first_aid, RIGHTARG = first_aid, FUNCTION = first_aid_lt,
    COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (first_aid, first_aid) IS 'comes before';
CREATE OPERATOR <= (
    LEFTARG = first_aid, RIGHTARG = first_aid, FUNCTION = first_aid_le,
    COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (first_aid, first_aid) IS 'comes before or equals';
CREATE OPERATOR = (
    LEFTARG = first_aid, RIGHTARG = first_aid, FUNCTION = first_aid_eq,
    COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (first_aid, first_aid) IS 'equals';
CREATE OPERATOR <> (
    LEFTARG = first_aid, RIGHTARG = first_aid, FUNCTION = first_aid_ne,
    COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (first_aid, first_aid) IS 'does not equal';
CREATE OPERATOR >= (
    LEFTARG = first_aid, RIGHTARG = first_aid, FUNCTION = first_aid_ge,
    COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (first_aid, first_aid) IS 'comes after or equals';
CREATE OPERATOR > (
    LEFTARG = first_aid, RIGHTARG = first_aid, FUNCTION = first_aid_gt,
    COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (first_aid, first_aid) IS 'comes after';

-- Equal values have equal bytes, so btree indexes may keep duplicates once (support function 4).
CREATE OPERATOR CLASS first_aid_ops DEFAULT FOR TYPE first_aid USING btree AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 1 first_aid_cmp(first_aid, first_aid),
    FUNCTION 2 first_aid_sortsupport(internal),
    FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS first_aid_ops USING btree IS 'order for sorting and indexes; it means nothing';
COMMENT ON OPERATOR FAMILY first_aid_ops USING btree IS 'order for sorting and indexes; it means nothing';

CREATE OPERATOR CLASS first_aid_ops DEFAULT FOR TYPE first_aid USING hash AS
    OPERATOR 1 =,
    FUNCTION 1 first_aid_hash(first_aid),
    FUNCTION 2 first_aid_hash_extended(first_aid, bigint);
COMMENT ON OPERATOR CLASS first_aid_ops USING hash IS 'equality';
COMMENT ON OPERATOR FAMILY first_aid_ops USING hash IS 'equality';
