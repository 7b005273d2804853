-- The first day of a month, fiscal quarter or fiscal year. src/period_start.c, doc/period_start.md

CREATE FUNCTION period_start(grain text, day date, first_month integer DEFAULT 4) RETURNS date
    AS 'MODULE_PATHNAME', 'nkpi_period_start_date' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION period_start(text, date, integer) IS
    'first day of the month, fiscal_quarter or fiscal_year that holds a day; fiscal years begin in first_month';

CREATE FUNCTION period_start(grain text, at timestamptz, zone text, first_month integer DEFAULT 4) RETURNS date
    AS 'MODULE_PATHNAME', 'nkpi_period_start_timestamptz' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION period_start(text, timestamptz, text, integer) IS
    'first day of the month, fiscal_quarter or fiscal_year in which a moment falls in a time zone; fiscal years begin in first_month';
