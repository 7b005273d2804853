-- Rates that allow for age. src/standardisation.c, src/standardised_rate.c, src/core/standardisation.c, doc/standardisation.md

CREATE TYPE direct_standardisation;

CREATE FUNCTION direct_standardisation_in(cstring) RETURNS direct_standardisation
    AS 'MODULE_PATHNAME', 'nkpi_direct_standardisation_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION direct_standardisation_out(direct_standardisation) RETURNS cstring
    AS 'MODULE_PATHNAME', 'nkpi_direct_standardisation_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION direct_standardisation_recv(internal) RETURNS direct_standardisation
    AS 'MODULE_PATHNAME', 'nkpi_direct_standardisation_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION direct_standardisation_send(direct_standardisation) RETURNS bytea
    AS 'MODULE_PATHNAME', 'nkpi_direct_standardisation_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION direct_standardisation_in(cstring) IS 'text input of direct_standardisation';
COMMENT ON FUNCTION direct_standardisation_out(direct_standardisation) IS 'text output of direct_standardisation';
COMMENT ON FUNCTION direct_standardisation_recv(internal) IS 'binary input of direct_standardisation';
COMMENT ON FUNCTION direct_standardisation_send(direct_standardisation) IS 'binary output of direct_standardisation';

CREATE TYPE direct_standardisation (
    INPUT = direct_standardisation_in, OUTPUT = direct_standardisation_out,
    RECEIVE = direct_standardisation_recv, SEND = direct_standardisation_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);
COMMENT ON TYPE direct_standardisation IS
    'bands with their events, population and standard population: {events/population*standard population, ...}';

CREATE TYPE indirect_standardisation;

CREATE FUNCTION indirect_standardisation_in(cstring) RETURNS indirect_standardisation
    AS 'MODULE_PATHNAME', 'nkpi_indirect_standardisation_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION indirect_standardisation_out(indirect_standardisation) RETURNS cstring
    AS 'MODULE_PATHNAME', 'nkpi_indirect_standardisation_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION indirect_standardisation_recv(internal) RETURNS indirect_standardisation
    AS 'MODULE_PATHNAME', 'nkpi_indirect_standardisation_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION indirect_standardisation_send(indirect_standardisation) RETURNS bytea
    AS 'MODULE_PATHNAME', 'nkpi_indirect_standardisation_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION indirect_standardisation_in(cstring) IS 'text input of indirect_standardisation';
COMMENT ON FUNCTION indirect_standardisation_out(indirect_standardisation) IS 'text output of indirect_standardisation';
COMMENT ON FUNCTION indirect_standardisation_recv(internal) IS 'binary input of indirect_standardisation';
COMMENT ON FUNCTION indirect_standardisation_send(indirect_standardisation) IS 'binary output of indirect_standardisation';

CREATE TYPE indirect_standardisation (
    INPUT = indirect_standardisation_in, OUTPUT = indirect_standardisation_out,
    RECEIVE = indirect_standardisation_recv, SEND = indirect_standardisation_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);
COMMENT ON TYPE indirect_standardisation IS
    'bands with their events and population and those of a reference: {events/population:events/population of the reference, ...}';

-- Aggregates ----------------------------------------------------------------

CREATE FUNCTION direct_standardisation_add(direct_standardisation, events bigint, population float8, standard_population float8)
    RETURNS direct_standardisation
    AS 'MODULE_PATHNAME', 'nkpi_direct_standardisation_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION direct_standardisation_add(direct_standardisation, events bigint, squared_events bigint, population float8,
                                           standard_population float8)
    RETURNS direct_standardisation
    AS 'MODULE_PATHNAME', 'nkpi_direct_standardisation_add_repeated' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION direct_standardisation_combine(direct_standardisation, direct_standardisation) RETURNS direct_standardisation
    AS 'MODULE_PATHNAME', 'nkpi_direct_standardisation_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION direct_standardisation_final(direct_standardisation) RETURNS direct_standardisation
    AS 'MODULE_PATHNAME', 'nkpi_direct_standardisation_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION direct_standardisation_add(direct_standardisation, bigint, float8, float8) IS
    'transition function of direct_standardisation(bigint, float8, float8)';
COMMENT ON FUNCTION direct_standardisation_add(direct_standardisation, bigint, bigint, float8, float8) IS
    'transition function of direct_standardisation(bigint, bigint, float8, float8)';
COMMENT ON FUNCTION direct_standardisation_combine(direct_standardisation, direct_standardisation) IS
    'combine function of the direct_standardisation aggregates';
COMMENT ON FUNCTION direct_standardisation_final(direct_standardisation) IS
    'final function of the direct_standardisation aggregates: the bands in order';

-- A state has room for 20 bands at first.
CREATE AGGREGATE direct_standardisation(events bigint, population float8, standard_population float8) (
    SFUNC = direct_standardisation_add, STYPE = direct_standardisation, COMBINEFUNC = direct_standardisation_combine,
    FINALFUNC = direct_standardisation_final, FINALFUNC_MODIFY = READ_ONLY, SSPACE = 648, PARALLEL = SAFE
);
COMMENT ON AGGREGATE direct_standardisation(bigint, float8, float8) IS
    'bands, a row a band, with their events, population and standard population; rows with NULLs are skipped, no others give NULL';

CREATE AGGREGATE direct_standardisation(events bigint, squared_events bigint, population float8, standard_population float8) (
    SFUNC = direct_standardisation_add, STYPE = direct_standardisation, COMBINEFUNC = direct_standardisation_combine,
    FINALFUNC = direct_standardisation_final, FINALFUNC_MODIFY = READ_ONLY, SSPACE = 648, PARALLEL = SAFE
);
COMMENT ON AGGREGATE direct_standardisation(bigint, bigint, float8, float8) IS
    'the same where people may have several events: squared_events is the sum over people of the square of their number of events';

CREATE FUNCTION indirect_standardisation_add(indirect_standardisation, events bigint, population float8, reference_events bigint,
                                             reference_population float8)
    RETURNS indirect_standardisation
    AS 'MODULE_PATHNAME', 'nkpi_indirect_standardisation_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION indirect_standardisation_combine(indirect_standardisation, indirect_standardisation) RETURNS indirect_standardisation
    AS 'MODULE_PATHNAME', 'nkpi_indirect_standardisation_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION indirect_standardisation_final(indirect_standardisation) RETURNS indirect_standardisation
    AS 'MODULE_PATHNAME', 'nkpi_indirect_standardisation_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION indirect_standardisation_add(indirect_standardisation, bigint, float8, bigint, float8) IS
    'transition function of indirect_standardisation(bigint, float8, bigint, float8)';
COMMENT ON FUNCTION indirect_standardisation_combine(indirect_standardisation, indirect_standardisation) IS
    'combine function of indirect_standardisation(bigint, float8, bigint, float8)';
COMMENT ON FUNCTION indirect_standardisation_final(indirect_standardisation) IS
    'final function of indirect_standardisation(bigint, float8, bigint, float8): the bands in order';

CREATE AGGREGATE indirect_standardisation(events bigint, population float8, reference_events bigint, reference_population float8) (
    SFUNC = indirect_standardisation_add, STYPE = indirect_standardisation, COMBINEFUNC = indirect_standardisation_combine,
    FINALFUNC = indirect_standardisation_final, FINALFUNC_MODIFY = READ_ONLY, SSPACE = 648, PARALLEL = SAFE
);
COMMENT ON AGGREGATE indirect_standardisation(bigint, float8, bigint, float8) IS
    'bands, a row a band, with their events and population and those of a reference; rows with NULLs are skipped, no others give NULL';

-- Rates ---------------------------------------------------------------------

CREATE TYPE directly_standardised_result AS (
    value float8, lower float8, upper float8, events bigint, population float8, bands integer, method text, reason text
);
COMMENT ON TYPE directly_standardised_result IS
    'a directly standardised rate with its interval, what it was made of, the method, and why it is NULL where it is';

CREATE FUNCTION directly_standardised_rate(bands direct_standardisation, multiplier float8 DEFAULT 100000,
                                           confidence float8 DEFAULT 0.95, minimum_events bigint DEFAULT 10)
    RETURNS directly_standardised_result
    AS 'MODULE_PATHNAME', 'nkpi_directly_standardised_rate' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION directly_standardised_rate(direct_standardisation, float8, float8, bigint) IS
    'the rate that the standard population would have, with Dobson''s interval; NULL with a reason where it cannot be said';

CREATE TYPE indirectly_standardised_result AS (
    value float8, lower float8, upper float8, observed bigint, expected float8, bands integer, method text, reason text
);
COMMENT ON TYPE indirectly_standardised_result IS
    'an indirectly standardised ratio or rate with its interval, what it was made of, the method, and why it is NULL where it is';

CREATE FUNCTION indirectly_standardised_ratio(bands indirect_standardisation, multiplier float8 DEFAULT 1, confidence float8 DEFAULT 0.95)
    RETURNS indirectly_standardised_result
    AS 'MODULE_PATHNAME', 'nkpi_indirectly_standardised_ratio' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION indirectly_standardised_ratio(indirect_standardisation, float8, float8) IS
    'observed events / those expected at the reference''s rates, with its interval: exact Poisson below 10 events, Byar from 10';

CREATE FUNCTION indirectly_standardised_ratio(observed bigint, expected float8, multiplier float8 DEFAULT 1, confidence float8 DEFAULT 0.95)
    RETURNS indirectly_standardised_result
    AS 'MODULE_PATHNAME', 'nkpi_standardised_ratio' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION indirectly_standardised_ratio(bigint, float8, float8, float8) IS
    'the same where the expected events are known without bands';

CREATE FUNCTION indirectly_standardised_rate(bands indirect_standardisation, multiplier float8 DEFAULT 100000,
                                             confidence float8 DEFAULT 0.95)
    RETURNS indirectly_standardised_result
    AS 'MODULE_PATHNAME', 'nkpi_indirectly_standardised_rate' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION indirectly_standardised_rate(indirect_standardisation, float8, float8) IS
    'the indirectly standardised ratio times the reference''s rate';

CREATE FUNCTION european_standard_population_2013(open_from integer DEFAULT 90) RETURNS TABLE (age_band text, population integer)
    AS 'MODULE_PATHNAME', 'nkpi_european_standard_population' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 19;
COMMENT ON FUNCTION european_standard_population_2013(integer) IS
    'the European standard population of 2013 (Eurostat), 100,000 people in age bands of five years, the last open from an age';
