-- The day of a record, or NULL where it cannot be a day of a record at all. doc/local_day.md

-- Not STRICT, so that both can be inlined.
CREATE FUNCTION plausible_day(day date) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN day >= date '1900-01-01' AND day <= date '9999-12-31' THEN day END;
COMMENT ON FUNCTION plausible_day(date) IS 'the day, if it is one from 1900 to 9999; else NULL';

CREATE FUNCTION local_day(at timestamptz, zone text) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN at >= timestamptz '1900-01-01 00:00+00' AND at < timestamptz '9999-12-31 00:00+00'
                THEN pg_catalog.timezone(zone, at)::date END;
COMMENT ON FUNCTION local_day(timestamptz, text) IS 'the day on which a moment falls in a time zone, if it is one from 1900 to 9999; else NULL';
