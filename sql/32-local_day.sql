-- The day of a record, or NULL where it cannot be a day of a record at all. doc/local_day.md

-- Not STRICT, so that it can be inlined.
CREATE FUNCTION plausible_day(day date) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN day >= date '1900-01-01' AND day <= date '9999-12-31' THEN day END;
COMMENT ON FUNCTION plausible_day(date) IS 'the day, if it is one from 1900 to 9999; else NULL';

CREATE FUNCTION local_day(at timestamptz, zone text) RETURNS date
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'nkpi_local_day';
COMMENT ON FUNCTION local_day(timestamptz, text) IS 'the day on which a moment falls in a time zone, if it is one from 1900 to 9999; else NULL';

CREATE FUNCTION hour_of_week(at timestamptz, zone text) RETURNS smallint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'nkpi_hour_of_week';
COMMENT ON FUNCTION hour_of_week(timestamptz, text) IS
    'the hour of the week of a moment in a time zone, 1 from midnight to Monday up to 168; NULL where local_day() is';
