-- fiscal_year: twelve months that may begin with any month.

CREATE TYPE fiscal_year;

CREATE FUNCTION fiscal_year_in(cstring) RETURNS fiscal_year
    AS 'MODULE_PATHNAME', 'nkpi_fiscal_year_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fiscal_year_in(cstring) IS 'text input';
CREATE FUNCTION fiscal_year_out(fiscal_year) RETURNS cstring
    AS 'MODULE_PATHNAME', 'nkpi_fiscal_year_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fiscal_year_out(fiscal_year) IS 'text output';
CREATE FUNCTION fiscal_year_recv(internal) RETURNS fiscal_year
    AS 'MODULE_PATHNAME', 'nkpi_fiscal_year_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fiscal_year_recv(internal) IS 'binary input';
CREATE FUNCTION fiscal_year_send(fiscal_year) RETURNS bytea
    AS 'MODULE_PATHNAME', 'nkpi_fiscal_year_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fiscal_year_send(fiscal_year) IS 'binary output';

CREATE TYPE fiscal_year (
    INPUT = fiscal_year_in, OUTPUT = fiscal_year_out, RECEIVE = fiscal_year_recv, SEND = fiscal_year_send,
    LIKE = integer
);
COMMENT ON TYPE fiscal_year IS 'a fiscal year: 2024/25 from April, 2024/25 (October) from another month, 2024 (January) a calendar year';

-- Two functions rather than a default: a cast's function would be given a type modifier as its second argument.
CREATE FUNCTION fiscal_year(day date) RETURNS fiscal_year
    AS 'MODULE_PATHNAME', 'nkpi_fiscal_year_from_date' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fiscal_year(date) IS 'the fiscal year, from April, that a day lies in';
CREATE FUNCTION fiscal_year(day date, first_month integer) RETURNS fiscal_year
    AS 'MODULE_PATHNAME', 'nkpi_fiscal_year_from_date_and_month' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fiscal_year(date, integer) IS 'the fiscal year, beginning with a month (1 to 12), that a day lies in';

CREATE FUNCTION first_day(fiscal_year) RETURNS date
    AS 'MODULE_PATHNAME', 'nkpi_fiscal_year_first_day' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_day(fiscal_year) IS 'the first day of a fiscal year';
CREATE FUNCTION last_day(fiscal_year) RETURNS date
    AS 'MODULE_PATHNAME', 'nkpi_fiscal_year_last_day' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION last_day(fiscal_year) IS 'the last day of a fiscal year';
CREATE FUNCTION first_month(fiscal_year) RETURNS integer
    AS 'MODULE_PATHNAME', 'nkpi_fiscal_year_first_month' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_month(fiscal_year) IS 'the month (1 to 12) that a fiscal year begins with';

-- Not STRICT, so that it can be inlined.
CREATE FUNCTION daterange(fiscal_year) RETURNS daterange
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN $1 IS NOT NULL THEN pg_catalog.daterange(first_day($1), last_day($1), '[]') END;
COMMENT ON FUNCTION daterange(fiscal_year) IS 'the days of a fiscal year';

-- To and from text every type is cast by its input and output functions.
CREATE CAST (date AS fiscal_year) WITH FUNCTION fiscal_year(date);
COMMENT ON CAST (date AS fiscal_year) IS 'the fiscal year, from April, that a day lies in';
CREATE CAST (fiscal_year AS daterange) WITH FUNCTION daterange(fiscal_year);
COMMENT ON CAST (fiscal_year AS daterange) IS 'the days of a fiscal year';

CREATE FUNCTION fiscal_year_plus(fiscal_year, integer) RETURNS fiscal_year
    AS 'MODULE_PATHNAME', 'nkpi_fiscal_year_plus' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fiscal_year_plus(fiscal_year, integer) IS 'implementation of the operator +';
CREATE FUNCTION fiscal_year_minus(fiscal_year, integer) RETURNS fiscal_year
    AS 'MODULE_PATHNAME', 'nkpi_fiscal_year_minus' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fiscal_year_minus(fiscal_year, integer) IS 'implementation of the operator -';
CREATE FUNCTION fiscal_year_difference(fiscal_year, fiscal_year) RETURNS integer
    AS 'MODULE_PATHNAME', 'nkpi_fiscal_year_difference' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fiscal_year_difference(fiscal_year, fiscal_year) IS 'implementation of the operator -';

CREATE OPERATOR + (LEFTARG = fiscal_year, RIGHTARG = integer, FUNCTION = fiscal_year_plus);
COMMENT ON OPERATOR + (fiscal_year, integer) IS 'so many years later';
CREATE OPERATOR - (LEFTARG = fiscal_year, RIGHTARG = integer, FUNCTION = fiscal_year_minus);
COMMENT ON OPERATOR - (fiscal_year, integer) IS 'so many years earlier';
CREATE OPERATOR - (LEFTARG = fiscal_year, RIGHTARG = fiscal_year, FUNCTION = fiscal_year_difference);
COMMENT ON OPERATOR - (fiscal_year, fiscal_year) IS 'whole years between two that begin with the same month';

-- Comparison, by first day; the value is an integer, so these are the server's functions for integer.
CREATE FUNCTION fiscal_year_lt(fiscal_year, fiscal_year) RETURNS boolean
    AS 'int4lt' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fiscal_year_lt(fiscal_year, fiscal_year) IS 'implementation of the operator <';
CREATE FUNCTION fiscal_year_le(fiscal_year, fiscal_year) RETURNS boolean
    AS 'int4le' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fiscal_year_le(fiscal_year, fiscal_year) IS 'implementation of the operator <=';
CREATE FUNCTION fiscal_year_eq(fiscal_year, fiscal_year) RETURNS boolean
    AS 'int4eq' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fiscal_year_eq(fiscal_year, fiscal_year) IS 'implementation of the operator =';
CREATE FUNCTION fiscal_year_ne(fiscal_year, fiscal_year) RETURNS boolean
    AS 'int4ne' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fiscal_year_ne(fiscal_year, fiscal_year) IS 'implementation of the operator <>';
CREATE FUNCTION fiscal_year_ge(fiscal_year, fiscal_year) RETURNS boolean
    AS 'int4ge' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fiscal_year_ge(fiscal_year, fiscal_year) IS 'implementation of the operator >=';
CREATE FUNCTION fiscal_year_gt(fiscal_year, fiscal_year) RETURNS boolean
    AS 'int4gt' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fiscal_year_gt(fiscal_year, fiscal_year) IS 'implementation of the operator >';
CREATE FUNCTION fiscal_year_cmp(fiscal_year, fiscal_year) RETURNS integer
    AS 'btint4cmp' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fiscal_year_cmp(fiscal_year, fiscal_year) IS 'less than, equal to, greater than, for btree indexes';
CREATE FUNCTION fiscal_year_sortsupport(internal) RETURNS void
    AS 'btint4sortsupport' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fiscal_year_sortsupport(internal) IS 'sort support';
CREATE FUNCTION fiscal_year_hash(fiscal_year) RETURNS integer
    AS 'hashint4' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fiscal_year_hash(fiscal_year) IS 'hash';
CREATE FUNCTION fiscal_year_hash_extended(fiscal_year, bigint) RETURNS bigint
    AS 'hashint4extended' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fiscal_year_hash_extended(fiscal_year, bigint) IS '64-bit hash with a seed';

CREATE OPERATOR < (
    LEFTARG = fiscal_year, RIGHTARG = fiscal_year, FUNCTION = fiscal_year_lt,
    COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (fiscal_year, fiscal_year) IS 'comes before';
CREATE OPERATOR <= (
    LEFTARG = fiscal_year, RIGHTARG = fiscal_year, FUNCTION = fiscal_year_le,
    COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (fiscal_year, fiscal_year) IS 'comes before or equals';
CREATE OPERATOR = (
    LEFTARG = fiscal_year, RIGHTARG = fiscal_year, FUNCTION = fiscal_year_eq,
    COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (fiscal_year, fiscal_year) IS 'equals';
CREATE OPERATOR <> (
    LEFTARG = fiscal_year, RIGHTARG = fiscal_year, FUNCTION = fiscal_year_ne,
    COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (fiscal_year, fiscal_year) IS 'does not equal';
CREATE OPERATOR >= (
    LEFTARG = fiscal_year, RIGHTARG = fiscal_year, FUNCTION = fiscal_year_ge,
    COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (fiscal_year, fiscal_year) IS 'comes after or equals';
CREATE OPERATOR > (
    LEFTARG = fiscal_year, RIGHTARG = fiscal_year, FUNCTION = fiscal_year_gt,
    COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (fiscal_year, fiscal_year) IS 'comes after';

-- Equal values have equal bytes, so btree indexes may keep duplicates once (support function 4).
CREATE OPERATOR CLASS fiscal_year_ops DEFAULT FOR TYPE fiscal_year USING btree AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 1 fiscal_year_cmp(fiscal_year, fiscal_year),
    FUNCTION 2 fiscal_year_sortsupport(internal),
    FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS fiscal_year_ops USING btree IS 'order by first day';
COMMENT ON OPERATOR FAMILY fiscal_year_ops USING btree IS 'order by first day';

CREATE OPERATOR CLASS fiscal_year_ops DEFAULT FOR TYPE fiscal_year USING hash AS
    OPERATOR 1 =,
    FUNCTION 1 fiscal_year_hash(fiscal_year),
    FUNCTION 2 fiscal_year_hash_extended(fiscal_year, bigint);
COMMENT ON OPERATOR CLASS fiscal_year_ops USING hash IS 'equality';
COMMENT ON OPERATOR FAMILY fiscal_year_ops USING hash IS 'equality';
